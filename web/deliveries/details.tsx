import { Link } from '@tanstack/react-router'
import type { Message } from '../../src/api/endpoints/messages.ts'
import { EventEvidence } from '../parts/evidence.tsx'
import { t } from '../texts/texts.ts'
import { CopyButton } from '../ui/copy-button.tsx'
import { Facts } from '../ui/facts.tsx'
import { Panel } from '../ui/panel.tsx'
import { Raw } from '../ui/raw.tsx'
import { When } from '../ui/time.tsx'
import styles from './waybill-page.module.css'

/** What was given with the message and what we gave it. */
export function Details({ message }: { message: Message }) {
  const says = t.waybill.details
  return (
    <div className={styles.one}>
      <Panel title={t.waybill.tabs.details}>
        <Facts
          facts={[
            [says.id, <Copyable key="id" text={message.id} />],
            [says.header, <Copyable key="header" text={message.message_id_header} />],
            [says.envelope, message.envelope_sender],
            [t.waybill.to, message.to.join(', ')],
            [t.waybill.cc, message.cc.join(', ')],
            [t.waybill.bcc, message.bcc.join(', ')],
            [says.expires, <When key="expires" at={message.expires_at} />],
            [says.tags, message.tags.join(', ')],
            [
              says.resendOf,
              message.resend_of && (
                <Link to="/messages/$id" params={{ id: message.resend_of }} search={{}}>
                  {message.resend_of}
                </Link>
              ),
            ],
            [
              says.origin,
              Object.entries(message.origin)
                .map(([name, value]) => `${name}: ${String(value)}`)
                .join(', '),
            ],
          ]}
        />
      </Panel>
      {message.tracking && <Looks tracking={message.tracking} />}
      {Object.keys(message.metadata).length > 0 && (
        <Panel title={says.metadata}>
          <Raw
            text={JSON.stringify(message.metadata, null, 2)}
            label={says.asJson}
            copyLabel={t.waybill.copyFor(says.metadata)}
          />
        </Panel>
      )}
      {message.events.length > 0 && (
        <Panel title={says.events}>
          <EventEvidence events={message.events} />
        </Panel>
      )}
    </div>
  )
}

/** Who looked: people, and the machines that look for them. */
function Looks({ tracking }: { tracking: NonNullable<Message['tracking']> }) {
  const says = t.waybill.tracking
  const told = (seen: typeof tracking.opened) =>
    WHO.filter((who) => seen[who].deliveries > 0)
      .map((who) => says.who[who](seen[who].deliveries, seen[who].hits))
      .join(', ') || says.nobody
  return (
    <Panel title={says.title}>
      <Facts
        facts={[
          [says.opened, tracking.opens ? told(tracking.opened) : says.off],
          [says.clicked, tracking.clicks ? told(tracking.clicked) : says.off],
        ]}
      />
    </Panel>
  )
}

const WHO = ['human', 'proxy', 'scanner', 'unknown'] as const

function Copyable({ text }: { text: string }) {
  return (
    <span style={{ display: 'inline-flex', gap: 6, alignItems: 'center' }}>
      <code>{text}</code>
      <CopyButton text={text} label={t.waybill.copyFor(text)} />
    </span>
  )
}
