import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Check, CheckCheck, CircleAlert, CircleHelp, Clock, type LucideIcon, Undo2, XCircle } from 'lucide-react'
import type { ConversationItem } from '../../../src/api/endpoints/conversations.ts'
import { t } from '../../texts/texts.ts'
import { useNow } from '../../ui/time.tsx'
import { type Tone, toned } from '../../ui/tone.ts'
import styles from './thread.module.css'
import { useUndoSend } from './use-undo-send.ts'

type Sent = NonNullable<ConversationItem['sent']>

const LOOKS: Readonly<Record<Sent['state'], readonly [Tone, LucideIcon]>> = {
  undoable: ['wait', Clock],
  waiting: ['wait', Clock],
  sent: ['calm', Check],
  delivered: ['good', CheckCheck],
  unclear: ['doubt', CircleHelp],
  failed: ['bad', CircleAlert],
  cancelled: ['calm', XCircle],
}

/** Where a mail of ours is, in a sentence, with the way to its waybill: on the message it concerns, not in a log elsewhere. */
export function SentLine({ number, item, isMine }: { number: number; item: ConversationItem; isMine: boolean }) {
  const undo = useUndoSend()
  if (!item.sent) return null
  const { state, sentence, message_id: id } = item.sent
  const [tone, Icon] = LOOKS[state]
  const who = item.to.map(({ name, address }) => name || address).join(', ')
  return (
    <div className={styles.sent} {...toned(tone)} role={state === 'failed' ? 'alert' : undefined}>
      <Icon size={14} aria-hidden />
      <div className={styles.sentWords}>
        {item.undo_until ? <Countdown until={item.undo_until} /> : <span className={styles.sentence}>{sentence}</span>}
        {item.undo_until && isMine && (
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<Undo2 size={12} aria-hidden />}
            onClick={() => void undo({ number, itemId: item.id })}
          >
            {t.conversation.undo}
          </Button>
        )}
        <Link
          to="/messages/$id"
          params={{ id }}
          search={{}}
          className={styles.waybill}
          aria-label={t.conversation.waybillOf(who)}
        >
          {t.conversation.waybill}
        </Link>
        {item.sent_copy && item.sent_copy.state !== 'not_sent' && (
          <span className={styles.copy} title={item.sent_copy.problem ?? undefined}>
            · {item.sent_copy.problem ?? t.conversation.sentCopy[item.sent_copy.state](item.sent_copy.folder)}
          </span>
        )}
      </div>
    </div>
  )
}

function Countdown({ until }: { until: Date }) {
  const seconds = Math.max(0, Math.ceil((until.getTime() - useNow().getTime()) / 1_000))
  return <span className={styles.sentence}>{t.conversation.undoIn(seconds)}</span>
}
