import type { ConversationView } from '../../../src/api/endpoints/conversations.ts'
import { t } from '../../texts/texts.ts'
import { useMedia } from '../../ui/use-media.ts'
import { ConversationSidebar } from './sidebar.tsx'
import styles from './triage.module.css'

/** From here on there is room beside what was said; below it, the toolbar has a button instead. */
export const HAS_ROOM = '(min-width: 1760px)'

export function DetailsAside({ conversation }: { conversation: ConversationView }) {
  const hasRoom = useMedia(HAS_ROOM)
  if (!hasRoom) return null
  return (
    <aside className={styles.beside} aria-label={t.triage.sidebar.title}>
      <ConversationSidebar conversation={conversation} />
    </aside>
  )
}
