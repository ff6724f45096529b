import { Checkbox, Select, TextInput } from '@mantine/core'
import { useState } from 'react'
import {
  addIgnoreRule,
  type IgnoreRule,
  listIgnoreRules,
  RuleField,
  removeIgnoreRule,
  tryIgnoreRule,
} from '../../src/api/endpoints/ignore-rules.ts'
import type { Inbox } from '../../src/api/endpoints/inboxes.ts'
import { problemOf } from '../../src/inbound/ignoring/rule.ts'
import { useMe, whyNot } from '../me.ts'
import { useAction, useEndpoint } from '../query.ts'
import { AppLink } from '../shell/app-link.tsx'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { useAsk } from '../ui/ask.tsx'
import { Form, FormActs, FormRow } from '../ui/form.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Note } from '../ui/note.tsx'
import { Panel } from '../ui/panel.tsx'
import { Ago } from '../ui/time.tsx'
import { toast } from '../ui/toasts.tsx'
import styles from './inboxes.module.css'

const texts = t.ignoreRules

/** Mail that this inbox turns away: the rules, and a new one, tried before it holds. */
export function IgnoreSection({ inbox }: { inbox: Inbox }) {
  const query = useEndpoint(listIgnoreRules, { inbox_id: inbox.id })
  return (
    <Panel
      title={texts.title}
      aside={<AppLink href={`/arrivals?inbox=${inbox.id}&outcome=ignored&reason=ignore_rule`}>{texts.show}</AppLink>}
    >
      <p className={styles.lead}>{texts.lead}</p>
      <Loadable query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <p className={styles.quiet}>{texts.none}</p>
          ) : (
            <ul className={styles.addresses} aria-label={texts.title}>
              {items.map((rule) => (
                <Rule key={rule.id} rule={rule} />
              ))}
            </ul>
          )
        }
      </Loadable>
      <NewRule inbox={inbox} />
    </Panel>
  )
}

function Rule({ rule }: { rule: IgnoreRule }) {
  const { id, inbox_id, field, pattern, note, created_at, created_by, turned_away, last_at } = rule
  const me = useMe()
  const ask = useAsk()
  const remove = useAction(removeIgnoreRule, { changes: [listIgnoreRules], onDone: () => toast('good', texts.removed) })
  async function run() {
    if (await ask({ title: texts.removeTitle(pattern), body: texts.removeBody, act: texts.remove }))
      remove.mutate({ params: { id } })
  }
  return (
    <li>
      <div className={styles.clip}>
        <div>
          <span className={styles.quiet}>{texts.fields[field]}</span> <code>{pattern}</code>
          {inbox_id === null && <span className={styles.quiet}> · {texts.everywhereBadge}</span>}
        </div>
        <div className={styles.quiet}>
          {note && `${note} · `}
          <Ago at={created_at} /> {created_by && texts.by(created_by)}
        </div>
      </div>
      <span className={styles.quiet}>
        {texts.turned(turned_away)}
        {last_at && (
          <>
            {' · '}
            {texts.last} <Ago at={last_at} />
          </>
        )}
      </span>
      <ActButton
        size="compact-sm"
        variant="default"
        label={texts.removeOf(pattern)}
        because={whyNot(me, 'inboxes.manage')}
        loading={remove.isPending}
        onClick={() => void run()}
      >
        {texts.remove}
      </ActButton>
    </li>
  )
}

interface Draft {
  readonly field: RuleField
  readonly pattern: string
  readonly note: string
  readonly everywhere: boolean
}
const BLANK: Draft = { field: 'from', pattern: '', note: '', everywhere: false }

function NewRule({ inbox }: { inbox: Inbox }) {
  const me = useMe()
  const [draft, setDraft] = useState(BLANK)
  const attempt = useAction(tryIgnoreRule)
  const set = (change: Partial<Draft>) => {
    attempt.reset()
    setDraft({ ...draft, ...change })
  }
  const add = useAction(addIgnoreRule, {
    changes: [listIgnoreRules],
    onDone: () => {
      toast('good', texts.added)
      attempt.reset()
      setDraft(BLANK)
    },
  })
  const { field, pattern, note, everywhere } = draft
  const wanted = { inbox_id: everywhere ? null : inbox.id, field, pattern: pattern.trim() }
  const problem = pattern.trim() === '' ? null : problemOf(field, pattern)
  const because = whyNot(me, 'inboxes.manage')
  const cannot = because ?? (pattern.trim() === '' ? problemOf(field, '') : problem)
  return (
    <div className={styles.tab}>
      <Form onSubmit={() => cannot === null && add.mutate({ body: { ...wanted, note: note.trim() } })}>
        <FormRow half>
          <Select
            label={texts.field}
            data={RuleField.options.map((value) => ({ value, label: texts.fields[value] }))}
            value={field}
            allowDeselect={false}
            onChange={(next) => set({ field: (next ?? 'from') as RuleField })}
          />
          <TextInput
            label={texts.pattern}
            description={texts.patternHint}
            placeholder={texts.placeholders[field]}
            value={pattern}
            error={problem}
            maxLength={300}
            onChange={(event) => set({ pattern: event.currentTarget.value })}
          />
        </FormRow>
        <TextInput
          label={texts.note}
          value={note}
          maxLength={300}
          onChange={(event) => set({ note: event.currentTarget.value })}
        />
        <Checkbox
          label={texts.everywhere}
          description={texts.everywhereHint}
          checked={everywhere}
          onChange={(event) => set({ everywhere: event.currentTarget.checked })}
        />
        {attempt.data && <Tried tried={attempt.data} />}
        <FormActs>
          <ActButton
            variant="default"
            because={cannot}
            loading={attempt.isPending}
            onClick={() => attempt.mutate({ body: wanted })}
          >
            {texts.try}
          </ActButton>
          <ActButton type="submit" because={cannot} loading={add.isPending}>
            {texts.add}
          </ActButton>
        </FormActs>
      </Form>
    </div>
  )
}

function Tried({ tried }: { tried: NonNullable<ReturnType<typeof useAction<typeof tryIgnoreRule>>['data']> }) {
  const { fits, looked, would_be_missed, examples } = tried
  return (
    <Note
      tone={would_be_missed > 0 ? 'care' : 'calm'}
      hint={
        examples.length > 0 && (
          <ul>
            {examples.map(({ from, subject, received_at }) => (
              <li key={`${received_at.getTime()} ${from} ${subject}`}>
                {from} · {subject} · <Ago at={received_at} />
              </li>
            ))}
          </ul>
        )
      }
    >
      {texts.tried(fits, looked)} {would_be_missed > 0 && texts.missed(would_be_missed)}
    </Note>
  )
}
