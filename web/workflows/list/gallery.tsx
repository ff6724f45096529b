import { Button, TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { LayoutTemplate, Search } from 'lucide-react'
import { useState } from 'react'
import { createFromTemplate, listWorkflowTemplates, type WorkflowTemplate } from '../../../src/api/endpoints/workflow-jobs.ts'
import { listWorkflows } from '../../../src/api/endpoints/workflows.ts'
import { useMe, whyNot } from '../../me.ts'
import { useAction, useEndpoint } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { ActButton } from '../../ui/act-button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Loadable } from '../../ui/loadable.tsx'
import styles from '../workflows.module.css'
import listStyles from './list.module.css'

/** Workflows that are ready but for what has to be chosen. */
export function FromTemplate() {
  const [isOpen, open] = useState(false)
  return (
    <>
      <Button variant="default" leftSection={<LayoutTemplate size={15} aria-hidden />} onClick={() => open(true)}>
        {t.workflowFiles.gallery.open}
      </Button>
      {isOpen && <Gallery onClose={() => open(false)} />}
    </>
  )
}

function Gallery({ onClose }: { onClose: () => void }) {
  const query = useEndpoint(listWorkflowTemplates, {})
  const says = t.workflowFiles.gallery
  return (
    <Dialog title={says.title} wide onClose={onClose}>
      <Loadable query={query}>{({ items }) => <Templates items={items} />}</Loadable>
    </Dialog>
  )
}

function Templates({ items }: { items: readonly WorkflowTemplate[] }) {
  const navigate = useNavigate()
  const because = whyNot(useMe(), 'workflows.manage')
  const [search, setSearch] = useState('')
  const says = t.workflowFiles.gallery
  const create = useAction(createFromTemplate, {
    changes: [listWorkflows],
    onDone: ({ workflow: { id }, problems }) =>
      void navigate({ to: '/workflows/$id', params: { id }, search: problems.length > 0 ? { panel: 'problems' } : {} }),
  })
  const words = search.trim().toLowerCase().split(/\s+/)
  const found = items.filter(({ title, about, sentences }) => {
    const text = `${title} ${about} ${sentences.join(' ')}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
  return (
    <div className={styles.plain}>
      <p className={styles.quiet}>{says.lead}</p>
      <TextInput
        data-autofocus
        type="search"
        aria-label={says.search}
        placeholder={says.search}
        leftSection={<Search size={14} aria-hidden />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      {found.length === 0 && <p className={styles.quiet}>{says.nothing}</p>}
      <ul className={listStyles.templates}>
        {found.map((template) => (
          <li key={template.key} className={listStyles.template}>
            <Template
              of={template}
              because={because}
              isBusy={create.isPending && create.variables?.body.template === template.key}
              onTake={() => create.mutate({ body: { template: template.key } })}
            />
          </li>
        ))}
      </ul>
    </div>
  )
}

interface TemplateProps {
  readonly of: WorkflowTemplate
  readonly because: string | null
  readonly isBusy: boolean
  readonly onTake: () => void
}

function Template({ of: { title, about, subject, sentences, choose }, because, isBusy, onTake }: TemplateProps) {
  const says = t.workflowFiles.gallery
  return (
    <>
      <div className={listStyles.templateHead}>
        <div>
          <h3>{title}</h3>
          <p>{about}</p>
          <p className={styles.quiet}>
            {says.subjects[subject]} · {says.of(sentences.length)}
          </p>
        </div>
        <ActButton size="compact-sm" because={because} label={says.takeOf(title)} loading={isBusy} onClick={onTake}>
          {says.take}
        </ActButton>
      </div>
      <details className={listStyles.more}>
        <summary>{says.steps}</summary>
        <ol>
          {sentences.map((sentence, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: in their order, and the same may come twice
            <li key={index}>{sentence}</li>
          ))}
        </ol>
        <h4 className={styles.pickGroup}>{says.choose}</h4>
        {choose.length === 0 ? (
          <p className={styles.quiet}>{says.nothingToChoose}</p>
        ) : (
          <ul>
            {choose.map(({ node, field, sentence }) => (
              <li key={`${node} ${field} ${sentence}`}>{sentence}</li>
            ))}
          </ul>
        )}
      </details>
    </>
  )
}
