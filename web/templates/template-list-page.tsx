import { SegmentedControl } from '@mantine/core'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { FilePlus2, LayoutTemplate, Plus } from 'lucide-react'
import { createTemplate, listReadyTemplates, listTemplates, type Template } from '../../src/api/endpoints/templates.ts'
import { useMe, whyNot } from '../me.ts'
import { ImportTemplates } from '../migration/import-templates.tsx'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Page } from '../ui/page.tsx'
import { When } from '../ui/time.tsx'
import { ImagesPanel } from './images-panel.tsx'
import styles from './templates.module.css'

/** Designs, and the images that stand in them. */
export function TemplateListPage() {
  const { tab } = useSearch({ from: '/shell/templates' })
  const navigate = useNavigate()
  const says = t.content.templates
  const query = useEndpoint(listTemplates, {})
  return (
    <Page
      title={tab === 'images' ? t.content.images.title : says.title}
      lead={tab === 'images' ? t.content.images.lead : says.lead}
      acts={
        <SegmentedControl
          size="xs"
          aria-label={says.title}
          value={tab ?? 'templates'}
          data={[
            { value: 'templates', label: says.title },
            { value: 'images', label: t.content.images.title },
          ]}
          onChange={(next) => void navigate({ to: '/templates', search: next === 'images' ? { tab: 'images' } : {} })}
        />
      }
    >
      {tab === 'images' ? (
        <ImagesPanel />
      ) : (
        <Loadable query={query}>
          {({ items }) => (
            <div className={styles.page}>
              {items.length === 0 ? (
                <EmptyState picture={<LayoutTemplate size={36} aria-hidden />} title={says.empty} sentence={says.emptyLead} />
              ) : (
                <ul className={styles.list} aria-label={says.title}>
                  {items.map((template) => (
                    <li key={template.id}>
                      <Entry template={template} />
                    </li>
                  ))}
                </ul>
              )}
              <Ready />
              <ImportTemplates />
            </div>
          )}
        </Loadable>
      )}
    </Page>
  )
}

type Summary = Pick<Template, 'id' | 'name' | 'description' | 'format' | 'slots' | 'updated_at'>

function Entry({ template: { id, name, description, format, slots, updated_at: updatedAt } }: { template: Summary }) {
  const says = t.content.templates
  return (
    <Link to="/templates/$id" params={{ id }} className={styles.entry}>
      <LayoutTemplate size={17} aria-hidden />
      <span className={styles.words}>
        <b className={styles.name}>{name}</b>
        {description !== '' && <span className={styles.quiet}>{description}</span>}
      </span>
      <span className={styles.facts}>
        {t.content.formats[format]} · {says.slots(slots.length)}
        <span className={styles.quiet}>
          <When at={updatedAt} />
        </span>
      </span>
    </Link>
  )
}

/** What to begin with: one of ours, or nothing. */
function Ready() {
  const says = t.content.templates
  const because = whyNot(useMe(), 'campaigns.manage')
  const navigate = useNavigate()
  const query = useEndpoint(listReadyTemplates, {})
  const create = useAction(createTemplate, {
    changes: [listTemplates],
    onDone: ({ id }) => void navigate({ to: '/templates/$id', params: { id } }),
  })
  return (
    <section aria-label={says.ready}>
      <h2 className={styles.title}>{says.ready}</h2>
      <div className={styles.ready}>
        {(query.data?.items ?? []).map(({ key, name, description, format }) => (
          <div key={key} className={styles.card}>
            <b>{name}</b>
            <p className={styles.quiet}>{description}</p>
            <p className={styles.quiet}>{t.content.formats[format]}</p>
            <ActButton
              size="xs"
              variant="default"
              because={because}
              label={`${says.add}: ${name}`}
              leftSection={<Plus size={13} aria-hidden />}
              onClick={() => create.mutate({ body: { ready: key } })}
            >
              {says.add}
            </ActButton>
          </div>
        ))}
        <div className={styles.card}>
          <b>{says.blank}</b>
          <p className={styles.quiet}>{says.blankLead}</p>
          <ActButton
            size="xs"
            variant="default"
            because={because}
            label={`${says.add}: ${says.blank}`}
            leftSection={<FilePlus2 size={13} aria-hidden />}
            onClick={() => create.mutate({ body: {} })}
          >
            {says.add}
          </ActButton>
        </div>
      </div>
    </section>
  )
}
