import { Button } from '@mantine/core'
import { Fragment } from 'react'
import type { ConversationItem, ConversationView } from '../../../src/api/endpoints/conversations.ts'
import { useMe } from '../../me.ts'
import { t } from '../../texts/texts.ts'
import { ActivityLines } from './activity-lines.tsx'
import { ItemCard } from './item-card.tsx'
import styles from './thread.module.css'

interface Props {
  readonly conversation: ConversationView
  /** Oldest first. */
  readonly items: readonly ConversationItem[]
  readonly hasOlder: boolean
  readonly isLoading: boolean
  readonly onOlder: () => void
}

/** What was said, oldest first, and between it what was done. */
export function Thread({ conversation, items, hasOlder, isLoading, onOlder }: Props) {
  const me = useMe()
  return (
    <div className={styles.thread} role="feed" aria-label={t.conversation.thread(conversation.number)} aria-busy={isLoading}>
      {hasOlder && (
        <Button variant="default" size="xs" className={styles.older ?? ''} loading={isLoading} onClick={onOlder}>
          {t.conversation.earlier}
        </Button>
      )}
      {grouped(items).map((group) => (
        <Fragment key={group[0]?.id}>
          {group[0]?.kind === 'activity' ? (
            <ActivityLines items={group} />
          ) : (
            group.map((item) => (
              <ItemCard
                key={`${item.id} ${item.hidden_at === null}`}
                conversation={conversation}
                item={item}
                isMine={item.author.kind === 'agent' && item.author.id === me.user?.id}
              />
            ))
          )}
        </Fragment>
      ))}
    </div>
  )
}

/** Runs of activity lines together, everything else by itself. */
function grouped(items: readonly ConversationItem[]): ConversationItem[][] {
  const groups: ConversationItem[][] = []
  for (const item of items) {
    const last = groups.at(-1)
    if (item.kind === 'activity' && last?.[0]?.kind === 'activity') last.push(item)
    else groups.push([item])
  }
  return groups
}
