// What wakes a person. Each rule is a query over the product's own metrics (src/Notifications.Core/Telemetry.cs); docs/operate.md says what to do.

@description('Region.')
param location string

@description('Tags of every resource.')
param tags object

@description('The part of every name that tells this installation from others.')
param suffix string

@description('Log Analytics workspace that the queries run in.')
param workspaceId string

@description('Who is told, by email. Empty: nobody, the alerts only show in the portal.')
param email string

@description('Seconds that an opt-out by link may take until it is durable.')
param optOutSeconds int

@description('Seconds that an opt-out by text may take until it is durable.')
param optOutTextSeconds int

@description('Complaints per thousand delivered mails of a day above which to tell. Mailbox providers act at 3.')
param complaintsPerThousand int

var rules = [
  {
    name: 'dead-letters'
    severity: 2
    text: 'Work was given up: a message, an event or a package update waits in the dead letters.'
    window: 'PT15M'
    query: 'AppMetrics | where Name == "notifications.deadletters" | summarize Items = sum(Sum) by Queue = tostring(Properties.queue) | where Items > 0'
  }
  {
    name: 'opt-out-slow'
    severity: 1
    text: 'An opt-out took longer than promised to become durable.'
    window: 'PT15M'
    query: 'AppMetrics | where Name == "notifications.optout.duration" | summarize Slowest = max(Max) by Way = tostring(Properties.way) | where Slowest > iff(Way == "text", ${optOutTextSeconds}, ${optOutSeconds})'
  }
  {
    name: 'complaint-rate'
    severity: 1
    text: 'More people report our mail as spam than mailbox providers tolerate.'
    window: 'P1D'
    query: 'AppMetrics | where Name == "notifications.reports" and Properties.channel == "email" | summarize Complaints = sumif(Sum, Properties.outcome == "complaint"), Delivered = sumif(Sum, Properties.outcome == "delivered") | where Complaints >= 3 and Complaints * 1000 > Delivered * ${complaintsPerThousand}'
  }
  {
    name: 'circuit-open'
    severity: 2
    text: 'A provider does not answer; messages wait on their queue.'
    window: 'PT15M'
    query: 'AppMetrics | where Name == "notifications.handoff.circuit" and coalesce(Max, Sum) >= 1 | summarize Openings = count() by Channel = tostring(Properties.channel)'
  }
  {
    name: 'operator-needed'
    severity: 1
    text: 'A provider refused mail or texts for a reason only an operator can mend, such as failed authentication (R18).'
    window: 'PT15M'
    query: 'AppMetrics | where Name == "notifications.alerts" and Properties.kind != "circuit-open" | summarize Times = sum(Sum) by Kind = tostring(Properties.kind) | where Times > 0'
  }
  {
    name: 'server-errors'
    severity: 1
    text: 'Requests are answered 5xx; an unsubscribe may be among them (its answer is 503, never a false 200).'
    window: 'PT15M'
    query: 'AppRequests | where ResultCode startswith "5" | summarize Errors = sum(ItemCount) | where Errors >= 5'
  }
]

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-notifications-${suffix}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'ntf-oncall'
    emailReceivers: empty(email) ? [] : [{ name: 'on-call', emailAddress: email, useCommonAlertSchema: true }]
  }
}

resource rule 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [for one in rules: {
  name: 'alert-${one.name}-${suffix}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'Notifications: ${one.name}'
    description: one.text
    enabled: true
    severity: one.severity
    scopes: [workspaceId]
    // Windows overlap, because rows arrive minutes late; an alert that stands is not raised again.
    evaluationFrequency: one.window == 'P1D' ? 'PT1H' : 'PT5M'
    windowSize: one.window
    criteria: {
      allOf: [
        {
          query: one.query
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
        }
      ]
    }
    autoMitigate: true
    // The tables appear with their first row; until then a query over them is no error.
    skipQueryValidation: true
    actions: { actionGroups: [people.id] }
  }
}]

@description('Resource id of the group of people who are told.')
output actionGroupId string = people.id
