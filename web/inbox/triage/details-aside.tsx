import type { ConversationView } from '../../../src/api/endpoints/conversations.ts'
import { AnsweredCampaigns } from '../../campaigns/extra/answered-campaigns.tsx'
import { PersonPanel } from '../../contacts/person-panel.tsx'
import { t } from '../../texts/texts.ts'
import { useMedia } from '../../ui/use-media.ts'
import { ConversationSidebar } from './sidebar.tsx'
import styles from './triage.module.css'

/** From here on there is room beside what was said; below it, the toolbar has a button instead. */
export const HAS_ROOM = '(min-width: 1440px)'

/** Who asks, and what is known of what they ask. */
export function DetailsAside({ conversation }: { conversation: ConversationView }) {
  const hasRoom = useMedia(HAS_ROOM)
  if (!hasRoom) return null
  return (
    <aside className={styles.beside} aria-label={t.triage.sidebar.title}>
      <Beside conversation={conversation} />
    </aside>
  )
}

/** The same where it is opened over the page. */
export function Beside({ conversation }: { conversation: ConversationView }) {
  const { id, contact_id, requester } = conversation
  return (
    <>
      <div className={styles.person}>
        <h2 className="visually-hidden">{t.triage.sidebar.requester}</h2>
        <PersonPanel contactId={contact_id} address={requester.address} conversationId={id} />
      </div>
      <AnsweredCampaigns conversationId={id} />
      <ConversationSidebar conversation={conversation} />
    </>
  )
}
