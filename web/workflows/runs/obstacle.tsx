import { AppLink } from '../../shell/app-link.tsx'
import { t } from '../../texts/texts.ts'
import { ago, asSentence, moment } from '../../ui/format.ts'
import { Note } from '../../ui/note.tsx'
import { useNow, When } from '../../ui/time.tsx'
import styles from './runs.module.css'
import type { ShownToken } from './use-run-acts.tsx'

/** What keeps the mail that a step waits for from leaving: which route, since when, when it is tried again, and the fix. */
export function InTheWay({ of }: { of: NonNullable<ShownToken['in_the_way']> }) {
  const now = useNow()
  const { message_id, delivery_id, recipient, route, sentence, hint, since, next_try_at, tries } = of
  const says = t.run.mail
  return (
    <div className={styles.obstacle}>
      <Note tone={route ? 'bad' : 'care'} hint={hint || undefined}>
        <b>{route ? says.atRoute(route.name) : says.way}</b>
        {since && (
          <>
            {' '}
            {says.since} <When at={since} />
          </>
        )}
        : {asSentence(sentence)}
        <p className={styles.obstacleNext}>
          {next_try_at === null
            ? says.onlyYou
            : next_try_at > now
              ? says.again(moment(next_try_at, now), ago(next_try_at, now))
              : says.anyMoment}{' '}
          {says.tries(tries)}
        </p>
        <p className={styles.links}>
          {route && <AppLink href={`/routes/${route.id}`}>{says.toRoute}</AppLink>}
          <AppLink href={`/messages/${message_id}?delivery=${delivery_id}`}>{says.toWaybill(recipient)}</AppLink>
        </p>
      </Note>
    </div>
  )
}
