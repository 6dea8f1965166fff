// The whole installation in one resource group. azd up, or: az deployment sub create --location REGION --parameters infra/main.bicepparam

targetScope = 'subscription'

@description('Name of the installation, part of the resource group\'s name.')
@minLength(1)
@maxLength(32)
param environmentName string

@description('The name that is part of every derived key: the installation\'s own. Another one only where an installation takes over the data of that name, after the loss of a region.')
@minLength(1)
param keyEnvironment string

@description('dev: small, cheap, may be thrown away. prod: survives the loss of a zone, warm, protected.')
@allowed(['dev', 'prod'])
param stage string

@description('Region of everything that has one. It must offer Flex Consumption.')
param location string

@description('Where Communication Services keeps its data at rest. It cannot be changed later.')
param dataLocation string

@description('Replication of the storage account.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS'])
param storageReplication string

@description('Days that a deleted blob can be brought back.')
param blobRetentionDays int

@description('Keeps even an owner from destroying the key vault for 90 days. It cannot be turned off again.')
param purgeProtection bool

@description('Days that logs are kept.')
param logRetentionDays int

@description('Gigabytes of logs a day at most; -1 is no limit.')
param logDailyCapGb int

@description('Memory of one instance in MB.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int

@description('Instances of one function group at most.')
param maximumInstances int

@description('Whether instances are spread over the region\'s zones.')
param zoneRedundant bool

@description('Instances kept warm for HTTP.')
param alwaysReadyHttp int

@description('The address that links in messages begin with; empty is the app\'s own, good for trying only.')
param publicUrl string

@description('The company\'s name as people know it.')
@minLength(1)
param senderName string

@description('The company\'s postal address, which marketing mail must carry (R23).')
@minLength(1)
param senderPostalAddress string

@description('Where people reach a human: an email address, a URL or a phone number.')
@minLength(1)
param senderContact string

@description('The version of the privacy policy that is published now, which consents given on the pages carry (R26); empty is 1.')
param policyVersion string

@description('The mailbox that takes unsubscribe requests by mail, the mailto of List-Unsubscribe; empty is unsubscribe@ the public host.')
param unsubscribeMailbox string

@description('Whether 17TRACK pushes news of packages; the security key of its account is then the secret seventeen-track-key of the key vault, put there by hand.')
param seventeenTrack bool

@description('Whether mail leaves by a mail server in place of Communication Services; its URL, with user and password, is then the secret smtp of the key vault, put there by hand.')
param smtp bool

@description('Whether texts are sent. Where mail leaves by a mail server and none are, no Communication Services are made.')
param texts bool

@description('Number in E.164 with its plus, short code of 3 to 6 digits, or name of at most 11 letters, digits and blanks that texts come from; one of this Communication Services resource. Not used without texts.')
@minLength(1)
@maxLength(16)
param smsFrom string

@description('The mail domain; empty is one of Azure\'s, good for trying only. With a mail server, the domain of both From addresses.')
param emailDomain string

@description('How far the mail domain has come: see communication.bicep.')
@allowed(['verify', 'link', 'senders'])
param emailStage string

@description('Local part of the address that marketing mail comes from.')
param marketingUser string

@description('Local part of the address that transactional mail comes from.')
param transactionalUser string

@description('Mails per minute that one instance begins at most. Azure\'s quota is per subscription: 30 on a domain of one\'s own until raised, 5 on Azure\'s.')
@minValue(1)
param emailPerMinute int

@description('Texts per minute that one instance begins at most. Azure\'s quota is per number: 200 for a toll-free one.')
@minValue(1)
param smsPerMinute int

@description('Id of the Azure Front Door profile before the app, which then says who called, and past which nobody is let in; empty is none. It stands in X-Azure-FDID.')
param frontDoorId string

@description('The big switch (docs/operate.md): nothing is handed off while it is on, and nothing is lost.')
param hold bool

@description('Whether App Service authentication stands in front and signs people in to the console. Only where it does: its header is believed then (docs/deploy.md, section 8).')
param consoleEntra bool

@description('App settings that have no parameter here, by their whole names. What the template itself writes wins over one of the same name. No secrets: they stand in the deployment\'s record.')
param settings { *: string }

@description('Who is told of alerts, by email; empty is nobody.')
param alertEmail string

@description('Whether the pages are asked for from outside every five minutes; costs per request, keeps the app awake.')
param probe bool

@description('Seconds that an opt-out by link may take until it is durable, before someone is told.')
param optOutSeconds int

@description('The same for one by text, from the moment the provider received it.')
param optOutTextSeconds int

@description('Complaints per thousand delivered mails of a day, before someone is told.')
param complaintsPerThousand int

@description('The key ring\'s JSON, for the first deployment only; empty afterwards. It goes to the key vault and nowhere else.')
@secure()
param keyRing string = ''

@description('What webhooks must carry; made here at the first deployment, kept in the key vault, never written again.')
@secure()
param webhookSecret string = newGuid()

@description('The API key that the others are made with; made here at the first deployment, kept in the key vault, never written again.')
@secure()
param firstApiKey string = newGuid()

var tags = { 'azd-env-name': environmentName, product: 'notifications', stage: stage }
var suffix = uniqueString(subscription().id, environmentName, location)
var providerEvents = 'provider-events'
var communicates = !smtp || texts

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-notifications-${environmentName}'
  location: location
  tags: tags
}

module identity 'identity.bicep' = {
  scope: group
  params: { location: location, tags: tags, suffix: suffix }
}

module monitoring 'monitoring.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    suffix: suffix
    retentionDays: logRetentionDays
    dailyCapGb: logDailyCapGb
    appPrincipalId: identity.outputs.principalId
  }
}

module alerts 'alerts.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    suffix: suffix
    workspaceId: monitoring.outputs.workspaceId
    email: alertEmail
    optOutSeconds: optOutSeconds
    optOutTextSeconds: optOutTextSeconds
    complaintsPerThousand: complaintsPerThousand
  }
}

module storage 'storage.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    suffix: suffix
    replication: storageReplication
    blobRetentionDays: blobRetentionDays
    appPrincipalId: identity.outputs.principalId
  }
}

module vault 'vault.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    suffix: suffix
    purgeProtection: purgeProtection
    keyRing: keyRing
    webhookSecret: webhookSecret
    firstApiKey: firstApiKey
    workspaceId: monitoring.outputs.workspaceId
    appPrincipalId: identity.outputs.principalId
  }
}

module communication 'communication.bicep' = if (communicates) {
  scope: group
  params: {
    tags: tags
    suffix: suffix
    dataLocation: dataLocation
    mail: !smtp
    emailDomain: emailDomain
    emailStage: emailStage
    marketingUser: marketingUser
    transactionalUser: transactionalUser
    displayName: senderName
    appPrincipalId: identity.outputs.principalId
  }
}

module events 'events.bicep' = if (communicates) {
  scope: group
  params: {
    tags: tags
    suffix: suffix
    communicationName: communication!.outputs.name
    storageName: storage.outputs.name
    queueName: providerEvents
    deadLetterContainer: 'deadletters'
  }
}

module app 'app.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    suffix: suffix
    identity: { id: identity.outputs.id, clientId: identity.outputs.clientId }
    storage: {
      blob: storage.outputs.endpoints.blob
      queue: storage.outputs.endpoints.queue
      table: storage.outputs.endpoints.table
      deployments: storage.outputs.deployments
    }
    insightsConnectionString: monitoring.outputs.connectionString
    instanceMemoryMB: instanceMemoryMB
    maximumInstances: maximumInstances
    zoneRedundant: zoneRedundant
    alwaysReadyHttp: alwaysReadyHttp
    publicUrl: publicUrl
    frontDoorId: frontDoorId
    settings: union(empty(unsubscribeMailbox) ? {} : { UnsubscribeMailbox: unsubscribeMailbox }, empty(policyVersion) ? {} : { Sending__PolicyVersion: policyVersion }, seventeenTrack ? { Packages__SeventeenTrackKey: vault.outputs.references.seventeenTrackKey } : {}, hold ? { Sending__Hold: 'true' } : {}, consoleEntra ? { Console__AppServiceAuthentication: 'true' } : {}, empty(frontDoorId) ? {} : { FrontDoorId: frontDoorId }, {
      Environment: keyEnvironment
      KeyRing: vault.outputs.references.keyRing
      WebhookSecret: vault.outputs.references.webhookSecret
      FirstApiKey: vault.outputs.references.firstApiKey
      Sender__Name: senderName
      Sender__PostalAddress: senderPostalAddress
      Sender__Contact: senderContact
      Sender__MarketingFrom: smtp ? '${marketingUser}@${emailDomain}' : communication!.outputs.marketingFrom
      Sender__TransactionalFrom: smtp ? '${transactionalUser}@${emailDomain}' : communication!.outputs.transactionalFrom
      Sender__SharedFrom: smtp ? 'False' : communication!.outputs.sharedFrom
      Email__MaxPerMinute: string(emailPerMinute)
    }, smtp ? {
      Email__Smtp: vault.outputs.references.smtp
    } : {
      Email__Endpoint: communication!.outputs.endpoint
    }, texts ? {
      Sender__SmsFrom: smsFrom
      Sms__Endpoint: communication!.outputs.endpoint
      Sms__MaxPerMinute: string(smsPerMinute)
    } : {
      Sms__Off: 'true'
    })
    others: settings
  }
}

module watch 'watch.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    suffix: suffix
    actionGroupId: alerts.outputs.actionGroupId
    carriesEvents: communicates
    topicId: communicates ? events!.outputs.topicId : ''
    insightsId: monitoring.outputs.insightsId
    probe: probe
    publicUrl: empty(publicUrl) ? app.outputs.url : publicUrl
  }
}

@description('Where everything is.')
output AZURE_RESOURCE_GROUP string = group.name

@description('Where the app answers.')
output NOTIFICATIONS_URL string = app.outputs.url

@description('The Functions app.')
output NOTIFICATIONS_APP string = app.outputs.name

@description('The storage account.')
output NOTIFICATIONS_STORAGE string = storage.outputs.name

@description('The vault that keeps the key ring.')
output NOTIFICATIONS_VAULT string = vault.outputs.name

@description('The DNS records of the mail domain; with a mail server, those are its own.')
output NOTIFICATIONS_DNS_RECORDS object = smtp ? {} : communication!.outputs.dnsRecords
