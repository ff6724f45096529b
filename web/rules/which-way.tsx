import { Button, NumberInput, Select, TextInput } from '@mantine/core'
import { useState } from 'react'
import { listDomains } from '../../src/api/endpoints/domains.ts'
import { previewRouting } from '../../src/api/endpoints/routing.ts'
import { Stream } from '../../src/api/endpoints/shapes.ts'
import type { ParamsOf, ReplyOf } from '../api.ts'
import { receiverChoices, receiverOfDomain } from '../parts/receiver-name.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Form, FormActs } from '../ui/form.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Note } from '../ui/note.tsx'
import { Panel } from '../ui/panel.tsx'
import { When } from '../ui/time.tsx'
import { shareOf } from './rule-words.ts'
import styles from './rules.module.css'

type Question = ParamsOf<typeof previewRouting>
type Answer = ReplyOf<typeof previewRouting>

const EMPTY = {
  from: '',
  receiver: 'other',
  recipientDomain: '',
  stream: 'transactional' as Stream,
  tag: '',
  kb: '' as number | '',
}

/** A question about one mail, and its answer in words: rule, routes, what is in the way. The answer follows the rules while it is looked at. */
export function WhichWay() {
  const [draft, setDraft] = useState(EMPTY)
  const [more, setMore] = useState(false)
  const [asked, setAsked] = useState<Question | null>(null)
  const set = (change: Partial<typeof EMPTY>) => setDraft((before) => ({ ...before, ...change }))
  const domains = useEndpoint(listDomains, {}).data?.items ?? []
  return (
    <Panel title={t.way.title}>
      <p className={styles.quiet}>{t.way.lead}</p>
      <Form onSubmit={() => draft.from.trim() !== '' && setAsked(questionOf(draft))}>
        <TextInput
          label={t.way.from}
          placeholder={domains[0]?.name ?? 'example.com'}
          value={draft.from}
          spellCheck={false}
          required
          onChange={(event) => set({ from: event.currentTarget.value })}
        />
        <TextInput
          label={t.way.recipientDomain}
          description={t.way.recipientHint}
          value={draft.recipientDomain}
          spellCheck={false}
          onChange={(event) => {
            const recipientDomain = event.currentTarget.value
            const receiver = receiverOfDomain(recipientDomain.trim().toLowerCase())
            set({ recipientDomain, ...(receiver && { receiver }) })
          }}
        />
        <Select
          label={t.way.receiver}
          searchable
          allowDeselect={false}
          data={receiverChoices()}
          value={draft.receiver}
          onChange={(receiver) => set({ receiver: receiver ?? 'other' })}
        />
        <Select
          label={t.way.stream}
          allowDeselect={false}
          data={Stream.options.map((value) => ({ value, label: t.streams[value] }))}
          value={draft.stream}
          onChange={(stream) => set({ stream: Stream.parse(stream) })}
        />
        {more && (
          <>
            <TextInput label={t.way.tag} value={draft.tag} onChange={(event) => set({ tag: event.currentTarget.value })} />
            <NumberInput
              label={t.way.size}
              value={draft.kb}
              min={1}
              max={900_000}
              onChange={(kb) => set({ kb: typeof kb === 'number' ? kb : '' })}
            />
          </>
        )}
        <FormActs>
          <Button type="submit">{t.way.look}</Button>
          {!more && (
            <Button variant="subtle" onClick={() => setMore(true)}>
              {t.way.more}
            </Button>
          )}
        </FormActs>
      </Form>
      {asked && <Answered question={asked} />}
    </Panel>
  )
}

function Answered({ question }: { question: Question }) {
  const query = useEndpoint(previewRouting, question, { keep: true })
  return (
    <div className={styles.answer} role="status">
      <Loadable query={query}>{(answer) => <InWords answer={answer} />}</Loadable>
    </div>
  )
}

function InWords({ answer: { rule, takes, obstacles } }: { answer: Answer }) {
  return (
    <>
      <p>{rule ? t.way.decides(rule.name) : t.way.noRule}</p>
      {takes.length === 0 ? (
        <Note tone="care">{t.way.waits}</Note>
      ) : (
        <Note tone="good">
          {t.way.by}
          <ul className={styles.ways}>
            {takes.map((taken) => (
              <li key={taken.route.id}>{wayOf(taken, takes)}</li>
            ))}
          </ul>
        </Note>
      )}
      {obstacles.length === 0 ? (
        takes.length > 0 && <p className={styles.quiet}>{t.way.none}</p>
      ) : (
        <>
          <h3 className={styles.label}>{t.way.obstacles}</h3>
          <ul className={styles.obstacles}>
            {obstacles.map(({ route, sentence, until }) => (
              <li key={`${route?.id} ${sentence}`}>
                {sentence}{' '}
                {until && (
                  <span className={styles.quiet}>
                    {t.way.until} <When at={until} />
                  </span>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  )
}

function wayOf({ route, weight }: Answer['takes'][number], all: Answer['takes']): string {
  const share = shareOf(weight, all)
  if (share === null) return all.some((each) => each.weight > 0) ? t.way.standby(route.name) : t.way.only(route.name)
  return all.filter((each) => each.weight > 0).length === 1 ? t.way.only(route.name) : t.way.shareOf(route.name, share)
}

function questionOf({ from, receiver, recipientDomain, stream, tag, kb }: typeof EMPTY): Question {
  return {
    from_domain: from.trim().toLowerCase().replace(/^.*@/, ''),
    receiver,
    stream,
    ...(recipientDomain.trim() && { recipient_domain: recipientDomain.trim().toLowerCase().replace(/^.*@/, '') }),
    ...(tag.trim() && { tag: tag.trim() }),
    ...(kb !== '' && { bytes: Math.round(kb * 1024) }),
  }
}
