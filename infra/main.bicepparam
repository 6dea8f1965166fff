// Both stages side by side. What belongs to an installation comes from the environment (azd env set NAME VALUE); what belongs to a stage stands here.

using 'main.bicep'

param stage = readEnvironmentVariable('NOTIFICATIONS_STAGE', 'dev')
var prod = stage == 'prod'

// The installation.
param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')
param keyEnvironment = empty(readEnvironmentVariable('NOTIFICATIONS_KEY_ENVIRONMENT', '')) ? environmentName : readEnvironmentVariable('NOTIFICATIONS_KEY_ENVIRONMENT', '')
param location = readEnvironmentVariable('AZURE_LOCATION')
param dataLocation = readEnvironmentVariable('NOTIFICATIONS_DATA_LOCATION', 'Europe')
// No defaults in prod: links that lead to the app's own address stay in mails for ever (R22), and marketing would name a company that there is not (R23).
var named = readEnvironmentVariable('NOTIFICATIONS_PUBLIC_URL', '')
// The app takes it with or without a slash at the end; what asks for its health from outside puts one of its own behind it.
var url = endsWith(named, '/') ? substring(named, 0, max(0, length(named) - 1)) : named
param publicUrl = startsWith(url, 'https://') || (empty(url) && !prod) ? url : fail('NOTIFICATIONS_PUBLIC_URL must begin with https://, and prod needs one')
param senderName = readEnvironmentVariable('NOTIFICATIONS_SENDER_NAME', prod ? '' : 'Parcel Post')
param senderPostalAddress = readEnvironmentVariable('NOTIFICATIONS_POSTAL_ADDRESS', prod ? '' : '1 Example Street, 10000 Exampletown')
param senderContact = readEnvironmentVariable('NOTIFICATIONS_CONTACT', prod ? '' : 'help@example.com')
param policyVersion = readEnvironmentVariable('NOTIFICATIONS_POLICY_VERSION', '')
param unsubscribeMailbox = readEnvironmentVariable('NOTIFICATIONS_UNSUBSCRIBE_MAILBOX', '')
param seventeenTrack = readEnvironmentVariable('NOTIFICATIONS_17TRACK', '') == 'true'
// In place of Communication Services, or beside their texts.
param smtp = readEnvironmentVariable('NOTIFICATIONS_SMTP', '') == 'true'
param texts = readEnvironmentVariable('NOTIFICATIONS_TEXTS', '') != 'false'
param smsFrom = texts ? readEnvironmentVariable('NOTIFICATIONS_SMS_FROM', prod ? '' : '+18005550100') : 'none'
// Nor one for the mail domain: without it all mail would leave by Azure's, ten an hour and with no DKIM of ours (R4, R17).
var domain = readEnvironmentVariable('NOTIFICATIONS_EMAIL_DOMAIN', '')
param emailDomain = (prod || smtp) && empty(domain) ? fail('prod needs NOTIFICATIONS_EMAIL_DOMAIN, and so does NOTIFICATIONS_SMTP') : domain
// No default where there is a domain: the wrong stage unlinks it, and no mail leaves.
param emailStage = empty(domain) || smtp ? 'verify' : readEnvironmentVariable('NOTIFICATIONS_EMAIL_STAGE', '')
param marketingUser = 'news'
param transactionalUser = 'parcels'
param emailPerMinute = int(readEnvironmentVariable('NOTIFICATIONS_EMAIL_PER_MINUTE', prod ? '30' : '5'))
param smsPerMinute = int(readEnvironmentVariable('NOTIFICATIONS_SMS_PER_MINUTE', prod ? '200' : '10'))
param frontDoorId = readEnvironmentVariable('NOTIFICATIONS_FRONT_DOOR_ID', '')
param alertEmail = readEnvironmentVariable('NOTIFICATIONS_ALERT_EMAIL', '')
// What is on stays on: a provision writes all settings.
param hold = readEnvironmentVariable('NOTIFICATIONS_HOLD', '') == 'true'
param consoleEntra = readEnvironmentVariable('NOTIFICATIONS_CONSOLE_ENTRA', '') == 'true'
// What there is no parameter for, as JSON: { "Notifications__Sending__RequiredPolicyVersion": "2026-11-01" }.
var others = readEnvironmentVariable('NOTIFICATIONS_SETTINGS', '')
var given = json(empty(others) ? '{}' : others)
// Neither another store, where none of the stops would be, nor what has a variable of its own, which would stay when that says no.
var taken = [
  'notifications__unsubscribemailbox'
  'notifications__sending__policyversion'
  'notifications__sending__hold'
  'notifications__packages__seventeentrackkey'
  'notifications__email__smtp'
  'notifications__sms__off'
  'notifications__console__appserviceauthentication'
  'notifications__frontdoorid'
]
var refused = filter(objectKeys(given), name => startsWith(toLower(name), 'azurewebjobsstorage') || contains(taken, toLower(name)))
param settings = empty(refused) ? given : fail('NOTIFICATIONS_SETTINGS must not name ${join(refused, ', ')}: the templates write it, from a variable of its own')
param keyRing = readEnvironmentVariable('NOTIFICATIONS_KEYRING', '')

// The stage. Replication and zones may be named, for a region that has no zones: the pair of a lost one for example.
var replication = readEnvironmentVariable('NOTIFICATIONS_STORAGE_REPLICATION', '')
param storageReplication = !empty(replication) ? replication : prod ? 'Standard_GZRS' : 'Standard_LRS'
param blobRetentionDays = prod ? 14 : 1
param purgeProtection = prod
param logRetentionDays = prod ? 90 : 30
param logDailyCapGb = prod ? -1 : 1
param instanceMemoryMB = 2048
param maximumInstances = prod ? 100 : 40
var zones = readEnvironmentVariable('NOTIFICATIONS_ZONE_REDUNDANT', '')
param zoneRedundant = empty(zones) ? prod : zones == 'true'
param alwaysReadyHttp = prod ? 2 : 0
param probe = prod
param optOutSeconds = prod ? 30 : 120
// Two functions stand in the way of a text, one after the other, and neither is kept warm.
param optOutTextSeconds = prod ? 120 : 300
param complaintsPerThousand = prod ? 2 : 3
