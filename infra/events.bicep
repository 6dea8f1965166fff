// Event Grid carries delivery reports and inbound texts to a storage queue, with an identity of its own. What it cannot deliver it lays in a container.

import { roles } from 'roles.bicep'

@description('Tags of every resource.')
param tags object

@description('The part of every name that tells this installation from others.')
param suffix string

@description('Name of the Communication Services resource whose events these are.')
param communicationName string

@description('Name of the storage account.')
param storageName string

@description('The queue that events are delivered to.')
param queueName string

@description('The container of what could not be delivered.')
param deadLetterContainer string

// One subscription per channel, so that one can be stopped without the other.
var subscriptions = [
  { name: 'email', types: ['Microsoft.Communication.EmailDeliveryReportReceived'] }
  { name: 'sms', types: ['Microsoft.Communication.SMSReceived', 'Microsoft.Communication.SMSDeliveryReportReceived'] }
]

resource communication 'Microsoft.Communication/communicationServices@2025-09-01' existing = {
  name: communicationName
}

resource storage 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: storageName

  resource queueService 'queueServices' existing = {
    name: 'default'

    resource queue 'queues' existing = {
      name: queueName
    }
  }

  resource blobService 'blobServices' existing = {
    name: 'default'

    resource container 'containers' existing = {
      name: deadLetterContainer
    }
  }
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: 'evgt-notifications-${suffix}'
  location: 'global'
  tags: tags
  identity: { type: 'SystemAssigned' }
  properties: {
    source: communication.id
    topicType: 'Microsoft.Communication.CommunicationServices'
  }
}

resource mayDeliver 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: storage::queueService::queue
  name: guid(topic.id, queueName, roles.queueDataMessageSender)
  properties: {
    principalId: topic.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.queueDataMessageSender)
  }
}

resource mayDeadLetter 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: storage::blobService::container
  name: guid(topic.id, deadLetterContainer, roles.blobDataContributor)
  properties: {
    principalId: topic.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.blobDataContributor)
  }
}

resource subscription 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = [for one in subscriptions: {
  parent: topic
  name: one.name
  dependsOn: [mayDeliver, mayDeadLetter]
  properties: {
    eventDeliverySchema: 'EventGridSchema'
    filter: { includedEventTypes: one.types }
    deliveryWithResourceIdentity: {
      identity: { type: 'SystemAssigned' }
      destination: {
        endpointType: 'StorageQueue'
        // -1: a message waits for as long as the app is away.
        properties: { resourceId: storage.id, queueName: queueName, queueMessageTimeToLiveInSeconds: -1 }
      }
    }
    deadLetterWithResourceIdentity: {
      identity: { type: 'SystemAssigned' }
      deadLetterDestination: {
        endpointType: 'StorageBlob'
        properties: { resourceId: storage.id, blobContainerName: deadLetterContainer }
      }
    }
    retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 }
  }
}]

@description('Resource id of the topic.')
output topicId string = topic.id
