import type { Inbox } from '../../src/api/endpoints/inboxes.ts'
import { AppLink } from '../shell/app-link.tsx'
import { t } from '../texts/texts.ts'
import { Note } from '../ui/note.tsx'
import styles from './inboxes.module.css'

/** How much of today's mail belonged to no conversation, of an inbox that starts none by mail. */
export function NoMatchToday({ inbox: { id, no_match, no_match_today, no_match_alert } }: { inbox: Inbox }) {
  if (no_match === 'start' && no_match_today === 0) return null
  const isMuch = no_match_alert !== null && no_match_today >= no_match_alert
  const link = `/arrivals?inbox=${id}&reason=update_only_no_match`
  return (
    <div className={styles.today}>
      <Note
        tone={isMuch ? 'care' : 'calm'}
        act={no_match_today > 0 ? <AppLink href={link}>{t.inboxes.noMatchToday.see}</AppLink> : null}
      >
        {t.inboxes.noMatchToday.count(no_match_today)}
        {no_match_alert !== null && no_match !== 'start' && ` ${t.inboxes.noMatchToday.alert(no_match_alert)}`}
      </Note>
    </div>
  )
}
