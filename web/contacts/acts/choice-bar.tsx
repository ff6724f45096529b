import { ActionIcon, Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { ListMinus, ListPlus, Tag, TagsIcon, X } from 'lucide-react'
import { useState } from 'react'
import { type ContactAct, expectContactAct, type startContactAct } from '../../../src/api/endpoints/contact-acts.ts'
import type { Given } from '../../api.ts'
import { useAction } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { ActDialog } from './act-dialog.tsx'
import styles from './acts.module.css'
import type { ContactChoice } from './use-choice.ts'

export type Wanted = Given<typeof startContactAct>['body']
export type Scope = Wanted['scope']
export type Kind = ContactAct['act']['kind']

interface Props {
  readonly choice: ContactChoice
  /** What the list is narrowed down to; null where it is a search, which shows the best only. */
  readonly filter: Omit<Extract<Scope, { kind: 'filter' }>, 'kind'> | null
  /** More match than are shown. */
  readonly hasMore: boolean
  readonly onBegun: (id: ContactAct['id']) => void
}

const ICONS = { tag: Tag, untag: TagsIcon, subscribe: ListPlus, unsubscribe: ListMinus }
const KINDS = ['tag', 'untag', 'subscribe', 'unsubscribe'] as const

/** What can be done with those who are chosen. */
export function ChoiceBar({ choice, filter, hasMore, onBegun }: Props) {
  const [kind, setKind] = useState<Kind | null>(null)
  const count = useAction(expectContactAct, { onDone: ({ people }) => choice.chooseEverybody(people) })
  const words = t.contactActs
  const { size, everybody, ids } = choice
  const said = everybody === null ? words.chosen(size) : words.everybody(size)
  const scope: Scope = everybody !== null && filter ? { kind: 'filter', ...filter } : { kind: 'contacts', ids: [...ids] }
  return (
    <div className={styles.bar} role="toolbar" aria-label={said}>
      <ActionIcon variant="subtle" color="gray" aria-label={words.none} onClick={choice.none}>
        <X size={15} aria-hidden />
      </ActionIcon>
      <span className={styles.size} role="status">
        {said}
      </span>
      {filter && hasMore && everybody === null && (
        <Button
          size="compact-sm"
          variant="subtle"
          loading={count.isPending}
          onClick={() => count.mutate({ body: { act: null, scope: { kind: 'filter', ...filter } } })}
        >
          {words.chooseEverybody}
        </Button>
      )}
      <span className={styles.acts}>
        {KINDS.map((one) => {
          const Icon = ICONS[one]
          return (
            <Button
              key={one}
              size="compact-sm"
              variant="default"
              leftSection={<Icon size={14} aria-hidden />}
              onClick={() => setKind(one)}
            >
              {words.kinds[one]}
            </Button>
          )
        })}
        <Link to="/contacts/acts" className={styles.earlier}>
          {words.page}
        </Link>
      </span>
      {kind && (
        <ActDialog
          kind={kind}
          scope={scope}
          size={size}
          onClose={() => setKind(null)}
          onBegun={(id) => {
            setKind(null)
            onBegun(id)
          }}
        />
      )}
    </div>
  )
}
