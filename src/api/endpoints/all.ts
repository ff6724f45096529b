import type { Endpoint } from '../endpoint.ts'
import { accountEndpoints } from './account.ts'
import { answerEndpoints } from './answers.ts'
import { arrivalEndpoints } from './arrivals.ts'
import { batchEndpoints } from './batch.ts'
import { bulkActEndpoints } from './bulk-acts.ts'
import { campaignArchiveEndpoints } from './campaign-archive.ts'
import { campaignCapEndpoints } from './campaign-caps.ts'
import { campaignPageEndpoints } from './campaign-pages.ts'
import { campaignRecipientEndpoints } from './campaign-recipients.ts'
import { campaignReplyEndpoints } from './campaign-replies.ts'
import { campaignResultEndpoints } from './campaign-results.ts'
import { campaignTestEndpoints } from './campaign-tests.ts'
import { campaignEndpoints } from './campaigns.ts'
import { canaryEndpoints } from './canaries.ts'
import { collisionEndpoints } from './collisions.ts'
import { contactActEndpoints } from './contact-acts.ts'
import { contactExportEndpoints } from './contact-exports.ts'
import { contactRepairEndpoints } from './contact-repairs.ts'
import { contactEndpoints } from './contacts.ts'
import { contentEndpoints } from './content.ts'
import { conversationListEndpoints } from './conversation-lists.ts'
import { conversationEndpoints } from './conversations.ts'
import { credentialEndpoints } from './credentials.ts'
import { deliveryEndpoints } from './deliveries.ts'
import { doctorEndpoints } from './doctor.ts'
import { domainEndpoints } from './domains.ts'
import { feedbackEndpoints } from './feedback.ts'
import { formEndpoints } from './forms.ts'
import { handInEndpoints } from './hand-in.ts'
import { ignoreRuleEndpoints } from './ignore-rules.ts'
import { imageEndpoints } from './images.ts'
import { importEndpoints } from './imports.ts'
import { inboxEndpoints } from './inboxes.ts'
import { incidentEndpoints } from './incidents.ts'
import { keyEndpoints } from './keys.ts'
import { listEndpoints } from './lists.ts'
import { liveEndpoints } from './live.ts'
import { mailboxEndpoints } from './mailboxes.ts'
import { memberEndpoints } from './members.ts'
import { messageEndpoints } from './messages.ts'
import { notificationEndpoints } from './notifications.ts'
import { overviewEndpoints } from './overview.ts'
import { presenceEndpoints } from './presence.ts'
import { receiverLimitEndpoints } from './receiver-limits.ts'
import { receiverEndpoints } from './receivers.ts'
import { replyEndpoints } from './replies.ts'
import { reputationEndpoints } from './reputation.ts'
import { routeEndpoints } from './routes.ts'
import { routingEndpoints } from './routing.ts'
import { sandboxEndpoints } from './sandbox.ts'
import { savedReplyEndpoints } from './saved-replies.ts'
import { savedViewEndpoints } from './saved-views.ts'
import { segmentEndpoints } from './segments.ts'
import { sourceEndpoints } from './sources.ts'
import { suppressionEndpoints } from './suppressions.ts'
import { teamEndpoints } from './teams.ts'
import { templateImportEndpoints } from './template-imports.ts'
import { templateEndpoints } from './templates.ts'
import { triageEndpoints } from './triage.ts'
import { triageSettingEndpoints } from './triage-settings.ts'
import { webhookEndpoints } from './webhooks.ts'
import { workflowAddressEndpoints } from './workflow-addresses.ts'
import { workflowJobEndpoints } from './workflow-jobs.ts'
import { workflowRunEndpoints } from './workflow-runs.ts'
import { workflowSecretEndpoints } from './workflow-secrets.ts'
import { workflowTaskEndpoints } from './workflow-tasks.ts'
import { workflowTrialEndpoints } from './workflow-trials.ts'
import { workflowWaitingEndpoints } from './workflow-waiting.ts'
import { workflowEndpoints } from './workflows.ts'
import { workingCalendarEndpoints } from './working-calendars.ts'

/** Every endpoint by the group it is shown in: the order of /docs and of docs/openapi.json. */
export const ENDPOINT_GROUPS: ReadonlyArray<{ readonly name: string; readonly endpoints: readonly Endpoint[] }> = [
  { name: 'Finding conversations', endpoints: [...conversationListEndpoints, ...savedViewEndpoints] },
  { name: 'Conversations', endpoints: [...conversationEndpoints, ...answerEndpoints] },
  { name: 'What agents do', endpoints: triageEndpoints },
  { name: 'Labels, fields and tags', endpoints: triageSettingEndpoints },
  { name: 'Saved replies', endpoints: savedReplyEndpoints },
  { name: 'Messages', endpoints: [...messageEndpoints, ...batchEndpoints] },
  { name: 'Deliveries', endpoints: deliveryEndpoints },
  { name: 'Many at once', endpoints: bulkActEndpoints },
  { name: 'Contacts', endpoints: contactEndpoints },
  { name: 'Lists and fields of contacts', endpoints: listEndpoints },
  {
    name: 'Campaigns',
    endpoints: [
      ...campaignEndpoints,
      ...templateEndpoints,
      ...templateImportEndpoints,
      ...imageEndpoints,
      ...contentEndpoints,
      ...campaignRecipientEndpoints,
      ...campaignPageEndpoints,
      ...campaignReplyEndpoints,
      ...campaignArchiveEndpoints,
      ...campaignCapEndpoints,
      ...campaignTestEndpoints,
      ...campaignResultEndpoints,
    ],
  },
  { name: 'Imports of contacts', endpoints: importEndpoints },
  { name: 'Exports of contacts', endpoints: contactExportEndpoints },
  { name: 'Acts on many contacts', endpoints: contactActEndpoints },
  { name: 'Repairs of contacts', endpoints: contactRepairEndpoints },
  { name: 'Segments', endpoints: segmentEndpoints },
  { name: 'Forms', endpoints: formEndpoints },
  {
    name: 'Workflows',
    endpoints: [
      ...workflowEndpoints,
      ...workflowTrialEndpoints,
      ...workflowRunEndpoints,
      ...workflowJobEndpoints,
      ...workflowTaskEndpoints,
      ...workflowAddressEndpoints,
      ...workflowSecretEndpoints,
      ...workflowWaitingEndpoints,
    ],
  },
  { name: 'Working calendars', endpoints: workingCalendarEndpoints },
  { name: 'Inboxes', endpoints: inboxEndpoints },
  { name: 'Sources', endpoints: sourceEndpoints },
  { name: 'Arriving mail', endpoints: [...arrivalEndpoints, ...handInEndpoints, ...ignoreRuleEndpoints] },
  { name: 'Agents and teams', endpoints: teamEndpoints },
  { name: 'Address collisions', endpoints: collisionEndpoints },
  { name: 'Routes', endpoints: [...routeEndpoints, ...receiverLimitEndpoints] },
  { name: 'Rules and limits', endpoints: routingEndpoints },
  { name: 'Domains', endpoints: domainEndpoints },
  { name: 'Receivers', endpoints: receiverEndpoints },
  { name: 'Canaries', endpoints: canaryEndpoints },
  { name: 'Mailboxes', endpoints: mailboxEndpoints },
  { name: 'Reputation', endpoints: reputationEndpoints },
  { name: 'Doctor', endpoints: doctorEndpoints },
  { name: 'Feedback', endpoints: feedbackEndpoints },
  { name: 'Suppressions', endpoints: suppressionEndpoints },
  { name: 'Unknown replies', endpoints: replyEndpoints },
  { name: 'Incidents', endpoints: incidentEndpoints },
  { name: 'Notifications', endpoints: [...notificationEndpoints, ...presenceEndpoints] },
  { name: 'Webhooks', endpoints: webhookEndpoints },
  { name: 'Sandbox', endpoints: sandboxEndpoints },
  { name: 'Queues', endpoints: [...overviewEndpoints, ...liveEndpoints] },
  { name: 'API keys', endpoints: keyEndpoints },
  { name: 'SMTP credentials', endpoints: credentialEndpoints },
  { name: 'Members', endpoints: memberEndpoints },
  { name: 'Account', endpoints: accountEndpoints },
]

export const ENDPOINTS: readonly Endpoint[] = ENDPOINT_GROUPS.flatMap((group) => group.endpoints)
