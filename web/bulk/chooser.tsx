import { Button, MultiSelect, Select, TagsInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { listDomains } from '../../src/api/endpoints/domains.ts'
import type { Route } from '../../src/api/endpoints/routes.ts'
import { Stream } from '../../src/api/endpoints/shapes.ts'
import { BULK_KINDS, statesFor } from '../../src/delivery/bulk/bulk-act.ts'
import { DELIVERY_STATES } from '../../src/delivery/delivery.ts'
import { FAILURE_CLASSES } from '../../src/mail/failure.ts'
import { PERIODS, type Period } from '../deliveries/delivery-search.ts'
import { useMe } from '../me.ts'
import { receiverChoices } from '../parts/receiver-name.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ChoiceCards } from '../ui/choice-cards.tsx'
import { FormRow } from '../ui/form.tsx'
import { Note } from '../ui/note.tsx'
import { Panel } from '../ui/panel.tsx'
import styles from './bulk.module.css'
import { type BulkSearch, kindOf } from './bulk-search.ts'
import { classWords } from './bulk-words.ts'

interface Props {
  readonly search: BulkSearch
  readonly routes: readonly Route[]
}

/** What to do, and with which deliveries. All of it stands in the URL. */
export function Chooser({ search, routes }: Props) {
  const navigate = useNavigate()
  const kind = kindOf(search)
  const set = (change: Partial<BulkSearch>) =>
    void navigate({ to: '/bulk', search: cleaned({ ...search, ...change }), replace: true })
  return (
    <>
      <Panel title={t.bulk.what}>
        <ChoiceCards
          label={t.bulk.what}
          name="kind"
          value={kind}
          choices={BULK_KINDS.map((value) => ({ value, ...t.bulk.kinds[value] }))}
          onChange={(value) => set({ kind: value, way: undefined })}
        />
        {kind === 'replay' && (
          <div className={styles.explained}>
            <Note tone="wait" hint={t.bulk.replayLeavesOut}>
              {t.bulk.replay}
            </Note>
          </div>
        )}
        {(kind === 'reroute' || kind === 'replay') && (
          <Select
            className={styles.way ?? ''}
            label={t.bulk.way}
            allowDeselect={false}
            data={[{ value: '', label: t.bulk.asRules }, ...routes.map(({ id, name }) => ({ value: id as string, label: name }))]}
            value={search.way ?? ''}
            onChange={(way) => set({ way: way || undefined })}
          />
        )}
      </Panel>
      <Panel title={t.bulk.which}>
        <Conditions search={search} routes={routes} set={set} />
      </Panel>
    </>
  )
}

interface ConditionProps extends Props {
  readonly set: (change: Partial<BulkSearch>) => void
}

function Conditions({ search, routes, set }: ConditionProps) {
  const kind = kindOf(search)
  const [more, setMore] = useState(
    [search.from_domains, search.recipient_domains, search.tags, search.classes, search.streams].some(Boolean),
  )
  const able = statesFor(kind, { states: DELIVERY_STATES })
  const usual = statesFor(kind, {}).map((state) => t.states[state])
  const states = [...new Set([...able, ...(search.states ?? [])])]
  const unable = (search.states ?? []).filter((state) => !able.includes(state)).map((state) => t.states[state])
  return (
    <div className={styles.conditions}>
      <FormRow half>
        <MultiSelect
          label={t.bulk.states}
          description={unable.length > 0 ? t.bulk.leftAlone(unable) : t.bulk.anyState(usual)}
          data={states.map((value) => ({ value, label: t.states[value] }))}
          value={search.states ?? []}
          onChange={(chosen) => set({ states: some(chosen) as BulkSearch['states'] })}
        />
        <MultiSelect
          label={t.bulk.receivers}
          searchable
          data={receiverChoices(search.receivers)}
          value={search.receivers ?? []}
          onChange={(chosen) => set({ receivers: some(chosen) })}
        />
      </FormRow>
      <FormRow half>
        <Select
          label={t.bulk.route}
          placeholder={t.bulk.any}
          clearable
          clearButtonProps={{ 'aria-label': t.activity.anyRoute }}
          data={routes.map(({ id, name }) => ({ value: id, label: name }))}
          value={search.route ?? null}
          onChange={(route) => set({ route: route ?? undefined })}
        />
        <Select
          label={t.bulk.within}
          placeholder={t.bulk.any}
          clearable
          clearButtonProps={{ 'aria-label': t.activity.anyTime }}
          data={(Object.keys(PERIODS) as Period[]).map((period) => ({ value: period, label: t.activity.periods[period] }))}
          value={search.within ?? null}
          onChange={(within) => set({ within: (within as Period | null) ?? undefined })}
        />
      </FormRow>
      {more ? (
        <More search={search} set={set} />
      ) : (
        <div>
          <Button size="compact-sm" variant="default" leftSection={<Plus size={13} aria-hidden />} onClick={() => setMore(true)}>
            {t.bulk.more}
          </Button>
        </div>
      )}
    </div>
  )
}

function More({ search, set }: Pick<ConditionProps, 'search' | 'set'>) {
  const mayRead = useMe().permissions.includes('routes.read')
  const domains = useEndpoint(listDomains, {}, { enabled: mayRead }).data?.items ?? []
  const lower = (values: string[]) => some(values.map((value) => value.trim().toLowerCase()))
  return (
    <>
      <FormRow half>
        <TagsInput
          label={t.bulk.fromDomains}
          data={domains.map(({ name }) => name)}
          maxTags={100}
          value={search.from_domains ?? []}
          onChange={(values) => set({ from_domains: lower(values) })}
        />
        <TagsInput
          label={t.bulk.recipientDomains}
          maxTags={100}
          value={search.recipient_domains ?? []}
          onChange={(values) => set({ recipient_domains: lower(values) })}
        />
      </FormRow>
      <FormRow half>
        <TagsInput
          label={t.bulk.tags}
          maxTags={100}
          value={search.tags ?? []}
          onChange={(values) => set({ tags: some(values) })}
        />
        <MultiSelect
          label={t.bulk.streams}
          data={Stream.options.map((value) => ({ value, label: t.streams[value] }))}
          value={search.streams ?? []}
          onChange={(chosen) => set({ streams: some(chosen) as BulkSearch['streams'] })}
        />
      </FormRow>
      <MultiSelect
        label={t.bulk.classes}
        searchable
        data={FAILURE_CLASSES.map((value) => ({ value, label: classWords(value) }))}
        value={search.classes ?? []}
        onChange={(chosen) => set({ classes: some(chosen) as BulkSearch['classes'] })}
      />
    </>
  )
}

function some(values: string[]): string[] | undefined {
  return values.length > 0 ? values : undefined
}

function cleaned(search: Partial<BulkSearch>): BulkSearch {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as BulkSearch
}
