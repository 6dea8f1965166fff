// The app's identity. It is its own resource, so that its roles stand before the app first starts.

@description('Region.')
param location string

@description('Tags of every resource.')
param tags object

@description('The part of every name that tells this installation from others.')
param suffix string

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-notifications-${suffix}'
  location: location
  tags: tags
}

@description('Resource id, for the app to carry.')
output id string = identity.id

@description('Client id, for the SDKs to ask with.')
output clientId string = identity.properties.clientId

@description('Object id, for role assignments.')
output principalId string = identity.properties.principalId
