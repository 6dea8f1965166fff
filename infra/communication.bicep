// Email and SMS. A domain of one's own is verified between two deployments, because Azure links only what is verified: see docs/deploy.md.

import { roles } from 'roles.bicep'

@description('Tags of every resource.')
param tags object

@description('The part of every name that tells this installation from others.')
param suffix string

@description('Where Communication Services keeps its data at rest, for example Europe or United States. It cannot be changed later.')
param dataLocation string

@description('Whether mail leaves here. Else texts alone do, and there is no email service.')
param mail bool

@description('The mail domain, for example mail.example.com. Empty: one of Azure\'s, good for trying only, and refused in prod.')
param emailDomain string

@description('How far the domain has come. verify: it exists and shows its DNS records. link: it is verified, mail leaves as donotreply@. senders: its limits are raised, so marketing and transactional mail have addresses of their own (R17).')
@allowed(['verify', 'link', 'senders'])
param emailStage string

@description('Local part of the address that marketing mail comes from.')
param marketingUser string

@description('Local part of the address that transactional mail comes from.')
param transactionalUser string

@description('The company\'s name, shown beside the address.')
param displayName string

@description('Object id of the app\'s identity.')
param appPrincipalId string

var managed = empty(emailDomain)
var linked = mail && (managed || emailStage != 'verify')
var senders = mail && !managed && emailStage == 'senders'

resource email 'Microsoft.Communication/emailServices@2023-04-01' = if (mail) {
  name: 'email-notifications-${suffix}'
  location: 'global'
  tags: tags
  properties: { dataLocation: dataLocation }
}

resource domain 'Microsoft.Communication/emailServices/domains@2023-04-01' = if (mail) {
  parent: email
  name: managed ? 'AzureManagedDomain' : emailDomain
  location: 'global'
  tags: tags
  properties: {
    domainManagement: managed ? 'AzureManaged' : 'CustomerManaged'
    // Open and click tracking would put a third party's links into our mail (R61) and tells us nothing that a person agreed to.
    userEngagementTracking: 'Disabled'
  }
}

resource sender 'Microsoft.Communication/emailServices/domains/senderUsernames@2023-04-01' = [for user in [marketingUser, transactionalUser]: if (senders) {
  parent: domain
  name: user
  properties: { username: user, displayName: displayName }
}]

resource communication 'Microsoft.Communication/communicationServices@2025-09-01' = {
  name: 'acs-notifications-${suffix}'
  location: 'global'
  tags: tags
  properties: {
    dataLocation: dataLocation
    disableLocalAuth: true
    linkedDomains: linked ? [domain.id] : []
  }
}

resource access 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: communication
  name: guid(communication.id, appPrincipalId, roles.communicationAndEmailServiceOwner)
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.communicationAndEmailServiceOwner)
  }
}

@description('Name of the Communication Services resource.')
output name string = communication.name

@description('Its endpoint.')
output endpoint string = 'https://${communication.properties.hostName}'

@description('From address of marketing mail.')
output marketingFrom string = mail ? '${senders ? marketingUser : 'donotreply'}@${domain!.properties.fromSenderDomain}' : ''

@description('From address of transactional mail.')
output transactionalFrom string = mail ? '${senders ? transactionalUser : 'donotreply'}@${domain!.properties.fromSenderDomain}' : ''

@description('Whether both streams still share one address, which the app refuses unless it is told (R17).')
output sharedFrom string = string(!senders)

@description('The DNS records to publish.')
output dnsRecords object = !mail || managed ? {} : domain!.properties.verificationRecords
