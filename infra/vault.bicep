// The key vault and its three secrets. A later deployment never writes over a secret that is there: the key ring is rotated in the vault, not from here.

import { roles } from 'roles.bicep'

@description('Region.')
param location string

@description('Tags of every resource.')
param tags object

@description('The part of every name that tells this installation from others.')
param suffix string

@description('Keeps even an owner from destroying the vault for 90 days. It cannot be turned off again.')
param purgeProtection bool

@description('The key ring\'s JSON, for the first deployment only; empty leaves the vault as it is.')
@secure()
param keyRing string

@description('What webhooks must carry. Made at the first deployment.')
@secure()
param webhookSecret string

@description('The first API key. Made at the first deployment.')
@secure()
param firstApiKey string

@description('Log Analytics workspace that keeps who read which secret.')
param workspaceId string

@description('Object id of the app\'s identity.')
param appPrincipalId string

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: 'kv-ntf-${suffix}'
  location: location
  tags: tags
  properties: {
    tenantId: subscription().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    enablePurgeProtection: purgeProtection ? true : null
    publicNetworkAccess: 'Enabled'
  }
}

@onlyIfNotExists()
resource ring 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = if (!empty(keyRing)) {
  parent: vault
  name: 'key-ring'
  properties: { value: keyRing, contentType: 'application/json' }
}

@onlyIfNotExists()
resource webhook 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: 'webhook-secret'
  properties: { value: webhookSecret, contentType: 'text/plain' }
}

@onlyIfNotExists()
resource apiKey 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: 'first-api-key'
  properties: { value: firstApiKey, contentType: 'text/plain' }
}

resource access 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, appPrincipalId, roles.keyVaultSecretsUser)
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.keyVaultSecretsUser)
  }
}

resource audit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: vault
  name: 'audit'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'audit', enabled: true }]
  }
}

@description('Name of the vault.')
output name string = vault.name

@description('App settings that refer to the secrets; without a version, so that a rotation is picked up.')
output references object = {
  keyRing: '@Microsoft.KeyVault(VaultName=${vault.name};SecretName=key-ring)'
  webhookSecret: '@Microsoft.KeyVault(VaultName=${vault.name};SecretName=${webhook.name})'
  firstApiKey: '@Microsoft.KeyVault(VaultName=${vault.name};SecretName=${apiKey.name})'
  seventeenTrackKey: '@Microsoft.KeyVault(VaultName=${vault.name};SecretName=seventeen-track-key)'
  smtp: '@Microsoft.KeyVault(VaultName=${vault.name};SecretName=smtp)'
}
