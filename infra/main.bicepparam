// Both stages side by side. What belongs to an installation comes from the environment (azd env set NAME VALUE); what belongs to a stage stands here.

using 'main.bicep'

param stage = readEnvironmentVariable('NOTIFICATIONS_STAGE', 'dev')
var prod = stage == 'prod'

// The installation.
param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')
param keyEnvironment = empty(readEnvironmentVariable('NOTIFICATIONS_KEY_ENVIRONMENT', '')) ? environmentName : readEnvironmentVariable('NOTIFICATIONS_KEY_ENVIRONMENT', '')
param location = readEnvironmentVariable('AZURE_LOCATION')
param dataLocation = readEnvironmentVariable('NOTIFICATIONS_DATA_LOCATION', 'Europe')
param publicUrl = readEnvironmentVariable('NOTIFICATIONS_PUBLIC_URL', '')
param senderName = readEnvironmentVariable('NOTIFICATIONS_SENDER_NAME', 'Parcel Post')
param senderPostalAddress = readEnvironmentVariable('NOTIFICATIONS_POSTAL_ADDRESS', '1 Example Street, 10000 Exampletown')
param senderContact = readEnvironmentVariable('NOTIFICATIONS_CONTACT', 'help@example.com')
param policyVersion = readEnvironmentVariable('NOTIFICATIONS_POLICY_VERSION', '')
param unsubscribeMailbox = readEnvironmentVariable('NOTIFICATIONS_UNSUBSCRIBE_MAILBOX', '')
param seventeenTrack = readEnvironmentVariable('NOTIFICATIONS_17TRACK', '') == 'true'
param smsFrom = readEnvironmentVariable('NOTIFICATIONS_SMS_FROM', '+18005550100')
param emailDomain = readEnvironmentVariable('NOTIFICATIONS_EMAIL_DOMAIN', '')
// No default where there is a domain: the wrong stage unlinks it, and no mail leaves.
param emailStage = empty(emailDomain) ? 'verify' : readEnvironmentVariable('NOTIFICATIONS_EMAIL_STAGE', '')
param marketingUser = 'news'
param transactionalUser = 'parcels'
param emailPerMinute = int(readEnvironmentVariable('NOTIFICATIONS_EMAIL_PER_MINUTE', prod ? '30' : '5'))
param smsPerMinute = int(readEnvironmentVariable('NOTIFICATIONS_SMS_PER_MINUTE', prod ? '200' : '10'))
param trustedProxies = int(readEnvironmentVariable('NOTIFICATIONS_TRUSTED_PROXIES', '1'))
param alertEmail = readEnvironmentVariable('NOTIFICATIONS_ALERT_EMAIL', '')
param keyRing = readEnvironmentVariable('NOTIFICATIONS_KEYRING', '')

// The stage.
param storageReplication = prod ? 'Standard_GZRS' : 'Standard_LRS'
param blobRetentionDays = prod ? 14 : 1
param purgeProtection = prod
param logRetentionDays = prod ? 90 : 30
param logDailyCapGb = prod ? -1 : 1
param instanceMemoryMB = 2048
param maximumInstances = prod ? 100 : 40
param zoneRedundant = prod
param alwaysReadyHttp = prod ? 2 : 0
param probe = prod
param optOutSeconds = prod ? 30 : 120
param complaintsPerThousand = prod ? 2 : 3
