import { Link } from '@tanstack/react-router'
import { listConversationCampaigns } from '../../../src/api/endpoints/campaign-replies.ts'
import { useEndpoint } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { When } from '../../ui/time.tsx'
import styles from './extra.module.css'

/** Of a conversation: the mails of campaigns that it answers. */
export function AnsweredCampaigns({ conversationId }: { conversationId: string }) {
  const answered = useEndpoint(listConversationCampaigns, { id: conversationId }).data?.items ?? []
  const says = t.campaignSettings.replies
  if (answered.length === 0) return null
  return (
    <section className={styles.beside} aria-label={says.section}>
      <h2>{says.section}</h2>
      <ul>
        {answered.map((one) => (
          <li key={one.delivery_id}>
            <Link to="/campaigns/$id" params={{ id: one.campaign_id }} search={{}}>
              {one.name}
            </Link>
            <small>
              {says.sentTo(one.address)} · <When at={one.at} />
            </small>
          </li>
        ))}
      </ul>
    </section>
  )
}
