import type { MailParser } from '../../mail/mail-parser.ts'
import type { MjmlReader } from '../../templates/mjml/mjml.ts'
import type { ServerDeps } from '../deps.ts'
import type { Live } from '../live.ts'
import type { Route } from '../route.ts'
import { accountRoutes } from './account.ts'
import { answerRoutes } from './answers.ts'
import { arrivalRoutes } from './arrivals.ts'
import { batchRoutes } from './batch.ts'
import { bulkActRoutes } from './bulk-acts.ts'
import { campaignArchiveRoutes } from './campaign-archive.ts'
import { campaignCapRoutes } from './campaign-caps.ts'
import { campaignPageRoutes } from './campaign-pages.ts'
import { campaignRecipientRoutes } from './campaign-recipients.ts'
import { campaignReplyRoutes } from './campaign-replies.ts'
import { campaignResultRoutes } from './campaign-results.ts'
import { campaignTestRoutes } from './campaign-tests.ts'
import { campaignRoutes } from './campaigns.ts'
import { canaryRoutes } from './canaries.ts'
import { collisionRoutes } from './collisions.ts'
import { contactActRoutes } from './contact-acts.ts'
import { contactExportRoutes } from './contact-exports.ts'
import { contactRepairRoutes } from './contact-repairs.ts'
import { contactRoutes } from './contacts.ts'
import { contentRoutes } from './content.ts'
import { conversationListRoutes } from './conversation-lists.ts'
import { conversationRoutes } from './conversations.ts'
import { credentialRoutes } from './credentials.ts'
import { deliveryRoutes } from './deliveries.ts'
import { doctorRoutes } from './doctor.ts'
import { domainRoutes } from './domains.ts'
import { createExamine } from './examine.ts'
import { feedbackRoutes } from './feedback.ts'
import { formRoutes } from './forms.ts'
import { handInRoutes } from './hand-in.ts'
import { ignoreRuleRoutes } from './ignore-rules.ts'
import { imageRoutes } from './images.ts'
import { importRoutes } from './imports.ts'
import { inboxRoutes } from './inboxes.ts'
import { incidentRoutes } from './incidents.ts'
import { keyRoutes } from './keys.ts'
import { listRoutes } from './lists.ts'
import { liveRoutes } from './live.ts'
import { mailboxRoutes } from './mailboxes.ts'
import { memberRoutes } from './members.ts'
import { messageRoutes } from './messages.ts'
import { notificationRoutes } from './notifications.ts'
import { overviewRoutes } from './overview.ts'
import { presenceRoutes } from './presence.ts'
import { receiverLimitRoutes } from './receiver-limits.ts'
import { receiverRoutes } from './receivers.ts'
import { replyRoutes } from './replies.ts'
import { reputationRoutes } from './reputation.ts'
import { routeRoutes } from './routes.ts'
import { routingRoutes } from './routing.ts'
import { sandboxRoutes } from './sandbox.ts'
import { savedReplyRoutes } from './saved-replies.ts'
import { segmentRoutes } from './segments.ts'
import { sourceRoutes } from './sources.ts'
import { suppressionRoutes } from './suppressions.ts'
import { teamRoutes } from './teams.ts'
import { templateImportRoutes } from './template-imports.ts'
import { templateRoutes } from './templates.ts'
import { triageRoutes } from './triage.ts'
import { triageSettingRoutes } from './triage-settings.ts'
import { webhookRoutes } from './webhooks.ts'
import { workflowAddressRoutes } from './workflow-addresses.ts'
import { workflowJobRoutes } from './workflow-jobs.ts'
import { workflowRunRoutes } from './workflow-runs.ts'
import { workflowSecretRoutes } from './workflow-secrets.ts'
import { workflowTaskRoutes } from './workflow-tasks.ts'
import { workflowTrialRoutes } from './workflow-trials.ts'
import { workflowWaitingRoutes } from './workflow-waiting.ts'
import { workflowRoutes } from './workflows.ts'
import { workingCalendarRoutes } from './working-calendars.ts'

/** Every endpoint with its handler. */
export function routesOf(deps: ServerDeps, live: Live, parser: MailParser, mjml: MjmlReader): readonly Route[] {
  const examine = createExamine(deps)
  return [
    ...conversationListRoutes(deps),
    ...conversationRoutes(deps, parser),
    ...answerRoutes(deps),
    ...savedReplyRoutes(),
    ...messageRoutes(deps),
    ...batchRoutes(deps),
    ...deliveryRoutes(deps),
    ...inboxRoutes(deps),
    ...arrivalRoutes(deps, parser),
    ...handInRoutes(deps),
    ...ignoreRuleRoutes(),
    ...contactRoutes(deps),
    ...listRoutes(deps),
    ...campaignRoutes(deps),
    ...contentRoutes(deps, mjml),
    ...templateRoutes(deps, mjml),
    ...templateImportRoutes(),
    ...imageRoutes(deps),
    ...campaignRecipientRoutes(deps),
    ...campaignPageRoutes(deps),
    ...campaignReplyRoutes(),
    ...campaignArchiveRoutes(deps),
    ...campaignCapRoutes(),
    ...campaignTestRoutes(),
    ...campaignResultRoutes(deps),
    ...importRoutes(deps),
    ...contactExportRoutes(deps),
    ...contactActRoutes(deps),
    ...contactRepairRoutes(deps),
    ...segmentRoutes(deps),
    ...formRoutes(deps),
    ...workflowRoutes(),
    ...workflowRunRoutes(deps),
    ...workflowJobRoutes(deps),
    ...workflowTaskRoutes(deps),
    ...workflowSecretRoutes(deps),
    ...workflowAddressRoutes(deps),
    ...workflowTrialRoutes(deps),
    ...workflowWaitingRoutes(),
    ...workingCalendarRoutes(),
    ...collisionRoutes(),
    ...teamRoutes(),
    ...triageRoutes(deps),
    ...triageSettingRoutes(),
    ...routeRoutes(deps, examine),
    ...receiverLimitRoutes(),
    ...bulkActRoutes(),
    ...routingRoutes(),
    ...domainRoutes(deps),
    ...receiverRoutes(),
    ...canaryRoutes(),
    ...mailboxRoutes(deps),
    ...sourceRoutes(deps),
    ...reputationRoutes(),
    ...doctorRoutes(examine),
    ...feedbackRoutes(deps),
    ...suppressionRoutes(deps),
    ...replyRoutes(),
    ...incidentRoutes(),
    ...notificationRoutes(deps),
    ...presenceRoutes(),
    ...webhookRoutes(deps),
    ...sandboxRoutes(deps, parser),
    ...overviewRoutes(deps),
    ...liveRoutes(live),
    ...keyRoutes(),
    ...credentialRoutes(deps),
    ...memberRoutes(deps),
    ...accountRoutes(deps),
  ]
}
