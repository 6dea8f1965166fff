// Where logs, traces and metrics go. Both take Entra only: an instrumentation key alone writes nothing.

import { roles } from 'roles.bicep'

@description('Region.')
param location string

@description('Tags of every resource.')
param tags object

@description('The part of every name that tells this installation from others.')
param suffix string

@description('Days that logs are kept, 30 to 730.')
@minValue(30)
@maxValue(730)
param retentionDays int

@description('Gigabytes a day after which nothing more is taken, and alerts are blind; -1 is no limit.')
param dailyCapGb int

@description('Object id of the app\'s identity.')
param appPrincipalId string

// Only so that the rule has something to name; workspace.bicep, below, makes it whole. Written again at a later deployment, it would stand without the rule for a while, and tokens be stored.
@onlyIfNotExists()
resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: 'log-notifications-${suffix}'
  location: location
  tags: tags
  properties: { sku: { name: 'PerGB2018' }, features: { disableLocalAuth: true } }
}

// The Functions host, which is not ours, records the path of every request, and /u/, /p/ and /c/ are followed by a token that permits (R67). Nothing in host.json
// keeps it from that, so the token is taken out before anything is stored. Of KQL only what Azure lists for transformations, which replace is not among.
var link = '''^([^/]*(?://[^/?#]+)?/[UPCupc]/)[^?#\s]+'''
var redacted = replace('''COLUMN = iif(COLUMN matches regex @'LINK', strcat(extract(@'LINK', 1, COLUMN), '{token}', extract(@'LINK(.*)$', 2, COLUMN)), COLUMN)''', 'LINK', link)

resource transform 'Microsoft.Insights/dataCollectionRules@2023-03-11' = {
  name: 'dcr-notifications-${suffix}'
  location: location
  tags: tags
  kind: 'WorkspaceTransforms'
  properties: {
    destinations: { logAnalytics: [{ name: 'workspace', workspaceResourceId: workspace.id }] }
    dataFlows: [
      {
        streams: ['Microsoft-Table-AppRequests']
        destinations: ['workspace']
        transformKql: 'source | extend ${replace(redacted, 'COLUMN', 'Url')}, ${replace(redacted, 'COLUMN', 'Name')}, ${replace(redacted, 'COLUMN', 'OperationName')}'
      }
      {
        streams: ['Microsoft-Table-AppDependencies']
        destinations: ['workspace']
        transformKql: 'source | extend ${replace(redacted, 'COLUMN', 'Data')}, ${replace(redacted, 'COLUMN', 'Name')}, ${replace(redacted, 'COLUMN', 'OperationName')}'
      }
      {
        streams: ['Microsoft-Table-AppTraces']
        destinations: ['workspace']
        transformKql: 'source | extend ${replace(redacted, 'COLUMN', 'OperationName')}'
      }
      {
        streams: ['Microsoft-Table-AppExceptions']
        destinations: ['workspace']
        transformKql: 'source | extend ${replace(redacted, 'COLUMN', 'OperationName')}'
      }
    ]
  }
}

module redacting 'workspace.bicep' = {
  params: { location: location, tags: tags, suffix: suffix, retentionDays: retentionDays, dailyCapGb: dailyCapGb, transformId: transform.id }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-notifications-${suffix}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: redacting.outputs.id
    DisableLocalAuth: true
  }
}

resource access 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: insights
  name: guid(insights.id, appPrincipalId, roles.monitoringMetricsPublisher)
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.monitoringMetricsPublisher)
  }
}

@description('Resource id of the workspace.')
output workspaceId string = redacting.outputs.id

@description('Resource id of Application Insights.')
output insightsId string = insights.id

@description('Connection string of Application Insights: an address, not a secret, since local authentication is off.')
output connectionString string = insights.properties.ConnectionString
