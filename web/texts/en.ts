import { arrivals } from './en/arrivals.ts'
import { attention } from './en/attention.ts'
import { audience } from './en/audience.ts'
import { campaignResults } from './en/campaign-results.ts'
import { campaignSettings } from './en/campaign-settings.ts'
import { campaigns } from './en/campaigns.ts'
import { common } from './en/common.ts'
import { contactActs } from './en/contact-acts.ts'
import { contacts } from './en/contacts.ts'
import { content } from './en/content.ts'
import { conversation } from './en/conversation.ts'
import { credentials } from './en/credentials.ts'
import { delivery } from './en/delivery.ts'
import { domains } from './en/domains.ts'
import { feedback } from './en/feedback.ts'
import { forms } from './en/forms.ts'
import { inboxList } from './en/inbox-list.ts'
import { inboxes } from './en/inboxes.ts'
import { migration } from './en/migration.ts'
import { notifications } from './en/notifications.ts'
import { people } from './en/people.ts'
import { receiverLimits } from './en/receivers.ts'
import { repair } from './en/repair.ts'
import { replies } from './en/replies.ts'
import { routes } from './en/routes.ts'
import { routing } from './en/routing.ts'
import { segments } from './en/segments.ts'
import { sources } from './en/sources.ts'
import { triage } from './en/triage.ts'
import { watching } from './en/watching.ts'
import { webhooks } from './en/webhooks.ts'
import { workflowFiles } from './en/workflow-files.ts'
import { workflowForms } from './en/workflow-forms.ts'
import { workflowLinks } from './en/workflow-links.ts'
import { workflowRuns } from './en/workflow-runs.ts'
import { workflowTrials } from './en/workflow-trials.ts'
import { workflows } from './en/workflows.ts'

/** English. Sentences with values are functions, so that another language may order its words as it likes. */
export const en = {
  ...common,
  ...campaigns,
  ...campaignResults,
  ...campaignSettings,
  ...contacts,
  ...content,
  ...audience,
  ...conversation,
  ...credentials,
  ...delivery,
  ...domains,
  ...feedback,
  ...forms,
  ...routes,
  ...inboxes,
  ...inboxList,
  ...people,
  ...notifications,
  ...migration,
  ...repair,
  ...contactActs,
  ...replies,
  ...receiverLimits,
  ...arrivals,
  ...attention,
  ...webhooks,
  ...workflows,
  ...workflowFiles,
  ...workflowForms,
  ...workflowLinks,
  ...workflowRuns,
  ...workflowTrials,
  ...segments,
  ...sources,
  ...triage,
  ...watching,
  ...routing,
}
