// The Functions app on Flex Consumption. No setting holds a secret: storage, Communication Services and Application Insights by identity, the rest by reference.

@description('Region.')
param location string

@description('Tags of every resource.')
param tags object

@description('The part of every name that tells this installation from others.')
param suffix string

@description('The user-assigned identity: { id, clientId }.')
param identity { id: string, clientId: string }

@description('The storage account\'s addresses, and the container of the deployed package.')
param storage { blob: string, queue: string, table: string, deployments: string }

@description('Connection string of Application Insights; no secret, since its local authentication is off.')
param insightsConnectionString string

@description('Memory of one instance in MB.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int

@description('Instances of one function group at most, 1 to 1000.')
@minValue(1)
@maxValue(1000)
param maximumInstances int

@description('Whether its instances are spread over the region\'s zones; then at least two are kept warm wherever any is.')
param zoneRedundant bool

@description('Instances kept warm for HTTP, so that a one-click unsubscribe meets no cold start.')
@minValue(0)
@maxValue(20)
param alwaysReadyHttp int

@description('The address that links in messages begin with; empty is the app\'s own. Links never expire (R22): settle it before the first message.')
param publicUrl string

@description('Id of the Azure Front Door profile before the app, past which nobody is let in; empty is none.')
param frontDoorId string

@description('The product\'s own settings by name under Notifications, without secrets; Key Vault references allowed.')
param settings object

@description('Further settings by their whole names. What stands above and below wins over one of the same name: no secret, identity or store is replaced by one.')
param others { *: string }

var name = 'func-notifications-${suffix}'
var product = reduce(items(settings), {}, (all, one) => union(all, { 'Notifications__${one.key}': one.value }))

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: 'plan-notifications-${suffix}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true, zoneRedundant: zoneRedundant }
}

resource app 'Microsoft.Web/sites@2024-11-01' = {
  name: name
  location: location
  // azd finds the app by this tag.
  tags: union(tags, { 'azd-service-name': 'api' })
  kind: 'functionapp,linux'
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identity.id}': {} } }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    keyVaultReferenceIdentity: identity.id
    // Only an app that was created with it can ever have a certificate for a host name of its own. Azure knows the property, the compiler not yet.
    #disable-next-line BCP037
    siteScopedCertificatesEnabled: true
    // Flex Consumption refuses a site that says anything of FTP, which it does not have, and of much else that belongs to other plans (error 51021).
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      http20Enabled: true
      // Whoever knew the id could else call the app directly, with an address of their choice. Without Front Door, what stands there is somebody else's.
      ipSecurityRestrictionsDefaultAction: empty(frontDoorId) ? null : 'Deny'
      ipSecurityRestrictions: empty(frontDoorId) ? null : [
        { name: 'front-door', priority: 100, action: 'Allow', tag: 'ServiceTag', ipAddress: 'AzureFrontDoor.Backend', headers: { 'x-azure-fdid': [frontDoorId] } }
      ]
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: storage.deployments
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identity.id }
        }
      }
      runtime: { name: 'dotnet-isolated', version: '10.0' }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstances
        alwaysReady: alwaysReadyHttp == 0 ? [] : [{ name: 'http', instanceCount: alwaysReadyHttp }]
      }
    }
  }

  resource appSettings 'config' = {
    name: 'appsettings'
    properties: union(others, product, {
      Notifications__PublicUrl: empty(publicUrl) ? 'https://${app.properties.defaultHostName}' : publicUrl
      AzureWebJobsStorage__blobServiceUri: storage.blob
      AzureWebJobsStorage__queueServiceUri: storage.queue
      AzureWebJobsStorage__tableServiceUri: storage.table
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: identity.clientId
      // The host takes 100 MB unless told: an import is 2 GiB at most, and its form a little more (Notifications:Imports:MaxBytes).
      FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '2149580800'
      // Else the root of the public host shows a page of Azure's own.
      AzureWebJobsDisableHomepage: 'true'
      // Which identity the SDKs ask with, since the app could carry several.
      AZURE_CLIENT_ID: identity.clientId
      APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnectionString
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.clientId};Authorization=AAD'
    })
  }

  // Publishing with a user name and a password is off; azd and the workflow publish with Entra.
  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }

  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }
}

@description('Name of the app.')
output name string = app.name

@description('Where it answers.')
output url string = 'https://${app.properties.defaultHostName}'
