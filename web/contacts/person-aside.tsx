import type { Id } from '../../src/lib/ids.ts'
import { useMedia } from '../ui/use-media.ts'
import styles from './contacts.module.css'
import { PersonPanel } from './person-panel.tsx'

interface Props {
  readonly conversation: {
    readonly id: Id<'conversation'>
    readonly contact_id: Id<'contact'> | null
    readonly requester: { readonly address: string }
  }
}

/** Who asks, beside what they ask, where there is room for both. */
export function PersonAside({ conversation: { id, contact_id, requester } }: Props) {
  const hasRoom = useMedia('(min-width: 1440px)')
  if (!hasRoom) return null
  return (
    <aside className={styles.aside}>
      <PersonPanel contactId={contact_id} address={requester.address} conversationId={id} />
    </aside>
  )
}
