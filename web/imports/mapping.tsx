import { Button, Checkbox, MultiSelect, Select, TagsInput, Textarea } from '@mantine/core'
import { useState } from 'react'
import { checkImport, getImport, type Import, listImports, readImportAnew } from '../../src/api/endpoints/imports.ts'
import { listContactFields, listLists } from '../../src/api/endpoints/lists.ts'
import { DELIMITERS, type Delimiter } from '../../src/contacts/imports/delimited.ts'
import { ENCODINGS, type Encoding, POLICIES, type Policy, TARGETS } from '../../src/contacts/imports/import.ts'
import type { Id } from '../../src/lib/ids.ts'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { errorsFor } from '../ui/field-errors.ts'
import { Form, FormActs } from '../ui/form.tsx'
import { Note } from '../ui/note.tsx'
import { Panel } from '../ui/panel.tsx'
import styles from './imports.module.css'
import { SourceNote, UnknownKeys } from './source.tsx'

const SHOWN_ROWS = 6

/** What the columns are, over the rows as they stand in the file; and how these people agreed. */
export function Mapping({ of }: { of: Import }) {
  const { shape } = of
  const changes = [getImport, listImports]
  const params = { id: of.id }
  const again = useAction(readImportAnew, { changes })
  const check = useAction(checkImport, { changes, quiet: true })
  const [columns, setColumns] = useState<readonly string[]>(shape?.guesses ?? [])
  const [hasHeader, setHasHeader] = useState(shape?.has_header ?? false)
  const [policy, setPolicy] = useState<Policy>('fill')
  const [lists, setLists] = useState<string[]>([])
  const [tags, setTags] = useState<string[]>([])
  const [consent, setConsent] = useState('')
  const [confirmed, setConfirmed] = useState(false)
  const errors = errorsFor(check.error, ['/columns', '/lists', '/tags', '/consent'])
  if (!shape) return null
  const { delimiter, encoding } = shape
  const read = (change: { delimiter?: Delimiter; encoding?: Encoding }) =>
    again.mutate({ params, body: { delimiter, encoding, ...change } })
  const submit = () =>
    check.mutate({
      params,
      body: {
        ...{ delimiter, encoding, has_header: hasHeader, columns: [...columns], policy, tags, consent, confirmed },
        lists: lists as Id<'contact_list'>[],
        split_glued: false,
      },
    })
  return (
    <Form onSubmit={submit} problem={errors.rest ?? errors.of('/columns') ?? null}>
      {shape.source && <SourceNote shape={shape} source={shape.source} />}
      <Panel title={t.imports.whatColumns}>
        <div className={styles.stack}>
          <div className={styles.fields}>
            <Select
              label={t.imports.delimiter}
              data={DELIMITERS.map((value) => ({ value, label: t.imports.delimiters[value] }))}
              value={delimiter}
              allowDeselect={false}
              onChange={(value) => value && read({ delimiter: value as Delimiter })}
            />
            <Select
              label={t.imports.encoding}
              data={[...ENCODINGS]}
              value={encoding}
              allowDeselect={false}
              onChange={(value) => value && read({ encoding: value as Encoding })}
            />
            <Checkbox
              label={t.imports.hasHeader}
              checked={hasHeader}
              onChange={(event) => setHasHeader(event.currentTarget.checked)}
            />
          </div>
          {shape.header_delimiter && <Note tone="care">{t.imports.headerOtherwise}</Note>}
          <UnknownKeys shape={shape} columns={columns} />
          <Sample shape={shape} hasHeader={hasHeader} columns={columns} onChange={setColumns} />
        </div>
      </Panel>
      <div className={styles.fields}>
        <Select
          label={t.imports.policy}
          data={POLICIES.map((value) => ({ value, label: t.imports.policies[value] }))}
          value={policy}
          allowDeselect={false}
          onChange={(value) => value && setPolicy(value as Policy)}
        />
        <Lists value={lists} onChange={setLists} />
        <TagsInput label={t.imports.tags} value={tags} maxTags={20} error={errors.of('/tags')} onChange={setTags} />
      </div>
      <Textarea
        label={t.imports.consent}
        description={t.imports.consentHint}
        required
        autosize
        minRows={2}
        maxLength={2_000}
        value={consent}
        error={errors.of('/consent')}
        onChange={(event) => setConsent(event.currentTarget.value)}
      />
      <Checkbox label={t.imports.confirmed} checked={confirmed} onChange={(event) => setConfirmed(event.currentTarget.checked)} />
      <FormActs>
        <Button type="submit" loading={check.isPending}>
          {t.imports.check}
        </Button>
      </FormActs>
    </Form>
  )
}

function Lists({ value, onChange }: { value: string[]; onChange: (lists: string[]) => void }) {
  const query = useEndpoint(listLists, {})
  const open = query.data?.items.filter(({ is_archived }) => !is_archived) ?? []
  return (
    <MultiSelect
      label={t.imports.lists}
      placeholder={value.length === 0 ? t.imports.noLists : undefined}
      data={open.map(({ id, name }) => ({ value: id, label: name }))}
      value={value}
      onChange={onChange}
    />
  )
}

interface SampleProps {
  readonly shape: NonNullable<Import['shape']>
  readonly hasHeader: boolean
  readonly columns: readonly string[]
  readonly onChange: (columns: readonly string[]) => void
}

function Sample({ shape: { sample, guesses }, hasHeader, columns, onChange }: SampleProps) {
  const fields = useEndpoint(listContactFields, {})
  const targets = [
    ...TARGETS.map((value) => ({ value: value as string, label: t.imports.targets[value] })),
    ...(fields.data?.items ?? []).map(({ key, label }) => ({ value: `field:${key}`, label })),
  ]
  const header = hasHeader ? (sample[0] ?? []) : []
  const rows = sample.slice(hasHeader ? 1 : 0, SHOWN_ROWS + 1)
  const places = guesses.map((_, i) => i)
  return (
    <div className={styles.scroll}>
      <table className={styles.sample}>
        <thead>
          <tr>
            {places.map((i) => (
              <th key={i} scope="col">
                <Select
                  size="xs"
                  label={t.imports.column(i + 1, header[i] ?? '')}
                  data={targets}
                  value={columns[i] ?? 'ignore'}
                  allowDeselect={false}
                  onChange={(value) =>
                    onChange(places.map((place) => (place === i ? (value ?? 'ignore') : (columns[place] ?? 'ignore'))))
                  }
                />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((cells, n) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of a file have no other name than their place
            <tr key={n}>
              {places.map((i) => (
                <td key={i}>{cells[i] ?? ''}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
