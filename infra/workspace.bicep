// The Log Analytics workspace, whole. The rule that rewrites what comes in names the workspace, and the workspace the rule: monitoring.bicep makes it once before there is a rule.

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

@description('Resource id of the rule that rewrites what comes in.')
param transformId string

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: 'log-notifications-${suffix}'
  location: location
  tags: tags
  properties: {
    defaultDataCollectionRuleResourceId: transformId
    sku: { name: 'PerGB2018' }
    retentionInDays: retentionDays
    workspaceCapping: { dailyQuotaGb: dailyCapGb }
    features: { disableLocalAuth: true, enableLogAccessUsingOnlyResourcePermissions: true }
  }
}

@description('Resource id of the workspace.')
output id string = workspace.id
