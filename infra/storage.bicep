// One storage account: the product's tables, queues and blobs, the host's own state, and the deployed package. No keys, Entra only.

import { roles } from 'roles.bicep'

@description('Region.')
param location string

@description('Tags of every resource.')
param tags object

@description('The part of every name that tells this installation from others.')
param suffix string

@description('Replication. Standard_GZRS survives the loss of a zone at once, and of the region by failing over.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS'])
param replication string

@description('Days that a deleted blob can be brought back, 1 to 365; personal data that was erased stays restorable for as long: sealed, but for what Event Grid laid in deadletters in the clear.')
@minValue(1)
@maxValue(365)
param blobRetentionDays int

@description('Object id of the app\'s identity.')
param appPrincipalId string

// The names in src/Notifications.Core/Storage/Rows.cs, but for the laptop's inbox. A test compares them.
var tables = [
  'addresses'
  'packages'
  'contacts'
  'suppressions'
  'keys'
  'idempotency'
  'deadletters'
  'review'
  'schedule'
  'alerts'
  'requests'
  'audit'
  'templates'
  'seals'
  'statistics'
  'audience'
  'segments'
  'lists'
  'campaigns'
  'imports'
]

// Each gets its poison twin. provider-events is where Event Grid delivers: its bodies are not ours, and lie in the clear until the app takes them.
var queues = [
  'send'
  'inbound'
  'packages'
  'campaigns'
  'imports'
  'provider-events'
]

// bodies: work too large for a queue message. deployments: the app's package. deadletters: what Event Grid could not deliver, in the clear.
var containers = [
  'bodies'
  'imports'
  'deployments'
  'deadletters'
]

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: 'stntf${suffix}'
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: replication }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    // Flex Consumption reaches it from outside a network; Entra is the lock. docs/deploy.md says how to add a network.
    publicNetworkAccess: 'Enabled'
    networkAcls: { defaultAction: 'Allow', bypass: 'AzureServices' }
  }
}

resource tableService 'Microsoft.Storage/storageAccounts/tableServices@2023-05-01' = {
  parent: account
  name: 'default'
}

resource table 'Microsoft.Storage/storageAccounts/tableServices/tables@2023-05-01' = [for name in tables: {
  parent: tableService
  name: name
}]

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2023-05-01' = {
  parent: account
  name: 'default'
}

resource queue 'Microsoft.Storage/storageAccounts/queueServices/queues@2023-05-01' = [for name in queues: {
  parent: queueService
  name: name
}]

resource poison 'Microsoft.Storage/storageAccounts/queueServices/queues@2023-05-01' = [for name in queues: {
  parent: queueService
  name: '${name}-poison'
}]

resource blobService 'Microsoft.Storage/storageAccounts/blobServices@2023-05-01' = {
  parent: account
  name: 'default'
  properties: {
    deleteRetentionPolicy: { enabled: true, days: blobRetentionDays }
    containerDeleteRetentionPolicy: { enabled: true, days: blobRetentionDays }
  }
}

resource container 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = [for name in containers: {
  parent: blobService
  name: name
  properties: { publicAccess: 'None' }
}]

// What the product forgets after a crash between two steps is swept here. How long an import's files are kept is a setting of the app, 365 days at most
// (Notifications:Imports:ErrorDays), so this is a net beneath it and waits for longer. Event Grid's dead letters hold addresses in the clear: the app takes
// them in hourly, and what it does not, being away, lies a month and no longer.
resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2023-05-01' = {
  parent: account
  name: 'default'
  dependsOn: [container]
  properties: {
    policy: {
      rules: [
        {
          name: 'sweep'
          enabled: true
          type: 'Lifecycle'
          definition: {
            filters: { blobTypes: ['blockBlob'], prefixMatch: ['deadletters/'] }
            actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: 30 } } }
          }
        }
        {
          name: 'sweep-imports'
          enabled: true
          type: 'Lifecycle'
          definition: {
            filters: { blobTypes: ['blockBlob'], prefixMatch: ['imports/'] }
            actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: 400 } } }
          }
        }
        {
          // Queue items live for ever and wait seven days at most between tries, so a body this old has lost its item.
          name: 'sweep-bodies'
          enabled: true
          type: 'Lifecycle'
          definition: {
            filters: { blobTypes: ['blockBlob'], prefixMatch: ['bodies/'] }
            actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: 90 } } }
          }
        }
      ]
    }
  }
}

// Blob owner is what the Functions host needs for its locks.
resource access 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for role in [roles.blobDataOwner, roles.queueDataContributor, roles.tableDataContributor]: {
  scope: account
  name: guid(account.id, appPrincipalId, role)
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
  }
}]

@description('Name of the account.')
output name string = account.name

@description('Where the blobs, queues and tables are.')
output endpoints object = {
  blob: account.properties.primaryEndpoints.blob
  queue: account.properties.primaryEndpoints.queue
  table: account.properties.primaryEndpoints.table
}

@description('Container of the deployed package.')
output deployments string = '${account.properties.primaryEndpoints.blob}deployments'
