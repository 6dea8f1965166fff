// What wakes a person when the app itself cannot tell: it is away, or events never reached it. The alerts of alerts.bicep read what the app measures.

@description('Region.')
param location string

@description('Tags of every resource.')
param tags object

@description('The part of every name that tells this installation from others.')
param suffix string

@description('Resource id of the action group that is told.')
param actionGroupId string

@description('Whether there is an Event Grid topic.')
param carriesEvents bool

@description('Resource id of the Event Grid topic; empty where there is none.')
param topicId string

@description('Resource id of Application Insights.')
param insightsId string

@description('Whether the pages are asked for from outside every five minutes. It costs per request, and keeps an app awake that would scale to zero.')
param probe bool

@description('The address that links in messages begin with.')
param publicUrl string

// Dropped is what found no room in the dead-letter container either.
var lost = !carriesEvents ? [] : [
  { name: 'events-dead-lettered', metric: 'DeadLetteredCount', text: 'Event Grid could not deliver events and laid them in the container deadletters. A STOP may be among them, unheard.' }
  { name: 'events-dropped', metric: 'DroppedEventCount', text: 'Event Grid dropped events: they are gone. A STOP may have been among them, unheard.' }
]

// Two of these must fail before anyone is woken: one may have its own trouble. West Europe, UK South, East US.
var places = ['emea-nl-ams-azr', 'emea-ru-msa-edge', 'us-va-ash-azr']

resource events 'Microsoft.Insights/metricAlerts@2018-03-01' = [for one in lost: {
  name: 'alert-${one.name}-${suffix}'
  location: 'global'
  tags: tags
  properties: {
    description: one.text
    enabled: true
    severity: 1
    scopes: [topicId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        { name: one.name, criterionType: 'StaticThresholdCriterion', metricName: one.metric, timeAggregation: 'Total', operator: 'GreaterThan', threshold: 0 }
      ]
    }
    actions: [{ actionGroupId: actionGroupId }]
  }
}]

resource test 'Microsoft.Insights/webtests@2022-06-15' = if (probe) {
  name: 'test-ready-${suffix}'
  location: location
  // The portal and Azure itself tie a test to its Application Insights by this tag.
  tags: union(tags, { 'hidden-link:${insightsId}': 'Resource' })
  kind: 'standard'
  properties: {
    Name: 'ready'
    SyntheticMonitorId: 'test-ready-${suffix}'
    Enabled: true
    Kind: 'standard'
    Frequency: 300
    Timeout: 30
    RetryEnabled: true
    Locations: [for place in places: { Id: place }]
    Request: { RequestUrl: '${publicUrl}/health/ready', HttpVerb: 'GET', ParseDependentRequests: false }
    ValidationRules: { ExpectedHttpStatusCode: 200, SSLCheck: true, SSLCertRemainingLifetimeCheck: 14 }
  }
}

resource away 'Microsoft.Insights/metricAlerts@2018-03-01' = if (probe) {
  name: 'alert-away-${suffix}'
  location: 'global'
  tags: tags
  properties: {
    description: 'The pages do not answer from outside, or their certificate has less than 14 days: nobody can unsubscribe.'
    enabled: true
    severity: 0
    scopes: [test.id, insightsId]
    evaluationFrequency: 'PT1M'
    windowSize: 'PT5M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria'
      webTestId: test.id
      componentId: insightsId
      failedLocationCount: 2
    }
    actions: [{ actionGroupId: actionGroupId }]
  }
}
