import { Link } from '@tanstack/react-router'
import { ListChecks, Plus } from 'lucide-react'
import { useState } from 'react'
import {
  type ContactField,
  changeList,
  type List,
  listContactFields,
  listLists,
  removeContactField,
} from '../../src/api/endpoints/lists.ts'
import { useMe, whyNot } from '../me.ts'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { useAsk } from '../ui/ask.tsx'
import { Badge } from '../ui/badge.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Page } from '../ui/page.tsx'
import { Panel } from '../ui/panel.tsx'
import { EditField } from './edit-field.tsx'
import { EditList } from './edit-list.tsx'
import styles from './lists.module.css'

/** What people subscribe to, and the fields that this workspace adds to them. */
export function ListsPage() {
  const lists = useEndpoint(listLists, {})
  const fields = useEndpoint(listContactFields, {})
  const because = whyNot(useMe(), 'audience.manage')
  const [list, setList] = useState<List | 'new' | null>(null)
  const [field, setField] = useState<ContactField | 'new' | null>(null)
  return (
    <Page title={t.lists.title} lead={t.lists.lead}>
      <div className={styles.stack}>
        <Panel title={t.lists.lists} aside={<Add because={because} name={t.lists.add} onClick={() => setList('new')} />}>
          <Loadable query={lists}>
            {({ items }) =>
              items.length === 0 ? <p>{t.lists.empty}</p> : <Lists items={items} because={because} change={setList} />
            }
          </Loadable>
        </Panel>
        <Panel title={t.lists.fields} aside={<Add because={because} name={t.lists.addField} onClick={() => setField('new')} />}>
          <Loadable query={fields}>
            {({ items }) =>
              items.length === 0 ? <p>{t.lists.noFields}</p> : <Fields items={items} because={because} change={setField} />
            }
          </Loadable>
        </Panel>
      </div>
      {list && <EditList list={list === 'new' ? null : list} onClose={() => setList(null)} />}
      {field && <EditField field={field === 'new' ? null : field} onClose={() => setField(null)} />}
    </Page>
  )
}

function Add({ because, name, onClick }: { because: string | null; name: string; onClick: () => void }) {
  return (
    <ActButton size="compact-sm" because={because} leftSection={<Plus size={14} aria-hidden />} onClick={onClick}>
      {name}
    </ActButton>
  )
}

interface ListsProps {
  readonly items: readonly List[]
  readonly because: string | null
  readonly change: (list: List) => void
}

function Lists({ items, because, change }: ListsProps) {
  const save = useAction(changeList, { changes: [listLists] })
  return (
    <ul className={styles.lines}>
      {items.map((list) => (
        <li key={list.id}>
          <span className={styles.what}>
            <Link to="/lists/$id" params={{ id: list.id }}>
              <b>{list.name}</b>
            </Link>{' '}
            {list.is_archived && <Badge tone="calm" icon={ListChecks} label={t.lists.archived} plain />}
            <span className={styles.small}>{t.lists.counts(list.subscribed, list.pending, list.unsubscribed)}</span>
            <span className={styles.small}>
              {t.lists[list.opt_in]}. {t.lists[list.visibility]}.
            </span>
          </span>
          <span className={styles.acts}>
            <ActButton
              size="compact-sm"
              variant="default"
              because={because}
              label={t.lists.changeOf(list.name)}
              onClick={() => change(list)}
            >
              {t.lists.change}
            </ActButton>
            <ActButton
              size="compact-sm"
              variant="default"
              because={because}
              loading={save.isPending && save.variables.params.id === list.id}
              onClick={() => save.mutate({ params: { id: list.id }, body: { is_archived: !list.is_archived } })}
            >
              {list.is_archived ? t.lists.restore : t.lists.archive}
            </ActButton>
          </span>
        </li>
      ))}
    </ul>
  )
}

interface FieldsProps {
  readonly items: readonly ContactField[]
  readonly because: string | null
  readonly change: (field: ContactField) => void
}

function Fields({ items, because, change }: FieldsProps) {
  const ask = useAsk()
  const remove = useAction(removeContactField, { changes: [listContactFields] })
  async function take({ key, label }: ContactField) {
    if (await ask({ title: t.lists.removeTitle(label), body: t.lists.removeBody, act: t.lists.removeField }))
      remove.mutate({ params: { key } })
  }
  return (
    <ul className={styles.lines}>
      {items.map((field) => (
        <li key={field.key}>
          <span className={styles.what}>
            <b>{field.label}</b>
            <span className={styles.small}>
              <code>{field.key}</code> · {t.lists.types[field.type]}
              {field.options.length > 0 && `: ${field.options.join(', ')}`}
              {field.is_required && ` · ${t.lists.required}`}
            </span>
          </span>
          <span className={styles.acts}>
            <ActButton
              size="compact-sm"
              variant="default"
              because={because}
              label={t.lists.changeOf(field.label)}
              onClick={() => change(field)}
            >
              {t.lists.change}
            </ActButton>
            <ActButton size="compact-sm" variant="default" because={because} onClick={() => void take(field)}>
              {t.lists.removeField}
            </ActButton>
          </span>
        </li>
      ))}
    </ul>
  )
}
