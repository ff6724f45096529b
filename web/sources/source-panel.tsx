import { CircleCheck, CircleX, Clock3, type LucideIcon, Pause } from 'lucide-react'
import { useState } from 'react'
import { listInboxes } from '../../src/api/endpoints/inboxes.ts'
import { checkSource, listSources, type Source } from '../../src/api/endpoints/sources.ts'
import { useMe, whyNot } from '../me.ts'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Badge } from '../ui/badge.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { Facts } from '../ui/facts.tsx'
import { wholeDay } from '../ui/format.ts'
import { Note } from '../ui/note.tsx'
import { Panel } from '../ui/panel.tsx'
import { Ago, When } from '../ui/time.tsx'
import type { Tone } from '../ui/tone.ts'
import { Checks } from './checks.tsx'
import { ConnectButton, SourceActs } from './source-acts.tsx'
import { SourceForm } from './source-form.tsx'
import styles from './sources.module.css'

const LOOKS: Readonly<Record<Source['state'], { tone: Tone; icon: LucideIcon }>> = {
  untried: { tone: 'wait', icon: Clock3 },
  working: { tone: 'good', icon: CircleCheck },
  failing: { tone: 'bad', icon: CircleX },
  paused: { tone: 'calm', icon: Pause },
}

/** One source: how it fares, when it was last heard of, what it brought, and what may be done. */
export function SourcePanel({ source }: { source: Source }) {
  const [changing, setChanging] = useState(false)
  const because = whyNot(useMe(), 'inboxes.manage')
  const check = useAction(checkSource, { changes: [listSources] })
  const label = labelOf(source)
  return (
    <Panel title={source.name} aside={<Badge {...LOOKS[source.state]} label={label} />}>
      <div className={styles.body}>
        <Trouble source={source} because={because} />
        {source.ses && <Address url={source.ses.url} isNew={source.last_heard_at === null} />}
        <SourceFacts source={source} />
        <div aria-live="polite">{check.data && <Checks examination={check.data} />}</div>
        <SourceActs
          source={source}
          because={because}
          isChecking={check.isPending}
          onCheck={() => check.mutate({ params: { id: source.id } })}
          onChange={() => setChanging(true)}
        />
      </div>
      {changing && <SourceForm source={source} onClose={() => setChanging(false)} />}
    </Panel>
  )
}

function labelOf({ state, listening, ses }: Source): string {
  if (ses && (state === 'working' || state === 'untried')) return t.sources.toldStates[state]
  return state === 'working' && listening === 'poll' ? t.sources.asking : t.sources.states[state]
}

/** What is subscribed to the topic. */
function Address({ url, isNew }: { url: string; isNew: boolean }) {
  return (
    <div className={styles.lines}>
      <span className={styles.quiet}>{isNew ? t.sources.subscribe : t.sources.subscribed}</span>
      <span className={styles.inlet}>
        <code>{url}</code>
        <CopyButton text={url} label={t.sources.copyUrl} />
      </span>
    </div>
  )
}

function Trouble({ source, because }: { source: Source; because: string | null }) {
  const { problem, trouble, mailbox, undone, undone_because } = source
  const mustConnect = mailbox?.provider && (mailbox.connection === null || mailbox.connection.problem !== null)
  return (
    <>
      {problem && (
        <Note tone="bad" hint={problem.hint} act={mustConnect && <ConnectButton source={source} because={because} />}>
          {problem.sentence}
        </Note>
      )}
      {!problem && mustConnect && (
        <Note tone="care" act={<ConnectButton source={source} because={because} />}>
          {t.sources.connectionOf.none}
        </Note>
      )}
      <Ends source={source} because={because} />
      {trouble === 'silent' && <Note tone="care">{t.sources.silent}</Note>}
      {undone > 0 && <Note tone="care">{t.sources.undone(undone, undone_because ?? '')}</Note>}
    </>
  )
}

/** What of the access to it ends soon. A grant that was refused says so itself. */
function Ends({ source, because }: { source: Source; because: string | null }) {
  const { mailbox, enabled } = source
  if (!mailbox?.provider) return null
  const { client_secret_end: secret, connection, provider } = mailbox
  const says = t.sources.ends
  const name = t.sources.apps.names[provider]
  const end = connection && connection.problem === null ? connection.end : null
  return (
    <>
      {secret && secret.nearness !== 'far' && (
        <Note tone={secret.nearness === 'near' ? 'care' : 'bad'} hint={says.secretHint}>
          {says.secret(name, wholeDay(secret.on), secret.nearness === 'over')}
        </Note>
      )}
      {end && end.nearness !== 'far' && (
        <Note
          tone={end.nearness === 'near' || !enabled ? 'care' : 'bad'}
          hint={says.hints[end.because]}
          act={<ConnectButton source={source} because={because} />}
        >
          {says.grant(wholeDay(end.at), end.nearness === 'over')} {says.why[end.because](name)}
        </Note>
      )}
    </>
  )
}

function SourceFacts({ source }: { source: Source }) {
  const inboxes = useEndpoint(listInboxes, {}).data?.items ?? []
  const { mailbox, path, ses, folders, inbox_id, last_heard_at, last_mail_at, taken, waiting, quarantined, afterwards, move_to } =
    source
  const names = t.sources
  return (
    <Facts
      inColumns
      facts={[
        [names.address, mailbox?.address],
        [names.server, mailbox && `${mailbox.protocol === 'imap' ? 'IMAP' : 'POP3'}, ${mailbox.host}:${mailbox.port}`],
        [names.topic, ses?.topic_arn],
        [names.folders, ses ? null : (path ?? folders.join(', '))],
        [names.goesTo, inboxes.find(({ id }) => id === inbox_id)?.name ?? names.byAddress],
        [names.heard, last_heard_at ? <Ago key="heard" at={last_heard_at} /> : names.never],
        [names.lastMail, last_mail_at ? <Ago key="mail" at={last_mail_at} /> : names.never],
        [names.taken, names.takenOf(taken, waiting, quarantined)],
        [names.counted, mailbox && <Counted key="counted" source={source} />],
        [names.afterwards, ses ? null : afterwards === 'move' ? names.movedTo(move_to ?? '') : names.afterwardsOf[afterwards]],
        [names.connection, mailbox?.connection && <Connection key="connection" mailbox={mailbox} />],
      ]}
    />
  )
}

function Counted({ source: { counted } }: { source: Source }) {
  if (!counted) return <>{t.sources.notCounted}</>
  const fetched = counted.folders.reduce((sum, folder) => sum + folder.fetched, 0)
  const isComplete = counted.folders.every(({ on_server, here }) => here >= on_server)
  return (
    <span className={styles.lines}>
      {counted.folders.map(({ path, on_server, here }) => (
        <span key={path}>{t.sources.countedOf(path, on_server, here)}</span>
      ))}
      <span className={styles.quiet}>
        {fetched > 0 ? t.sources.fetchedOf(fetched) : isComplete ? t.sources.complete : ''} · <Ago at={counted.at} />
      </span>
    </span>
  )
}

function Connection({ mailbox }: { mailbox: NonNullable<Source['mailbox']> }) {
  const { provider, connection, client_secret_end: secret } = mailbox
  if (!provider || !connection) return null
  return (
    <span className={styles.lines}>
      <span>{t.sources.connectionOf.alive(t.sources.apps.names[provider])}</span>
      <span className={styles.quiet}>
        {connection.failing_since ? t.sources.tokenFails : t.sources.tokenUntil}{' '}
        <When at={connection.failing_since ?? connection.expires_at} />
      </span>
      {connection.problem === null && (
        <span className={styles.quiet}>{t.sources.ends.facts[connection.end.because](wholeDay(connection.end.at))}</span>
      )}
      {secret && <span className={styles.quiet}>{t.sources.ends.secretFact(wholeDay(secret.on))}</span>}
    </span>
  )
}
