import { Tabs } from '@mantine/core'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { type Form, getForm } from '../../src/api/endpoints/forms.ts'
import type { Id } from '../../src/lib/ids.ts'
import { useMe, whyNot } from '../me.ts'
import { Conflict, Saved } from '../parts/saving.tsx'
import { useEndpoint } from '../query.ts'
import { NotFound } from '../shell/crashed.tsx'
import { t } from '../texts/texts.ts'
import { Loadable } from '../ui/loadable.tsx'
import { Note } from '../ui/note.tsx'
import { Page } from '../ui/page.tsx'
import { FormActs } from './form-acts.tsx'
import { FormState } from './form-list-page.tsx'
import { FORM_TABS, type FormTab } from './form-search.ts'
import styles from './forms.module.css'
import { Preview, type Show } from './preview.tsx'
import { EmbedTab } from './tabs/embed-tab.tsx'
import { FieldsTab } from './tabs/fields-tab.tsx'
import { MailsTab } from './tabs/mails-tab.tsx'
import { ProtectionTab } from './tabs/protection-tab.tsx'
import { SubmissionsTab } from './tabs/submissions-tab.tsx'
import { TextsTab } from './tabs/texts-tab.tsx'
import { type PartProps, useFormDraft } from './use-form-draft.ts'

const route = getRouteApi('/shell/forms/$id')

export function FormPage() {
  const id = route.useParams().id as Id<'form'>
  const query = useEndpoint(getForm, { id })
  if (query.error && (query.error.status === 404 || query.error.status === 422)) return <NotFound />
  if (query.data) return <Builder key={id} form={query.data} />
  return (
    <Page title={t.forms.title}>
      <Loadable query={query}>{() => null}</Loadable>
    </Page>
  )
}

/** What is looked at beside a part of the form, unless somebody chooses otherwise. */
const SHOWN_BY: Readonly<Record<FormTab, Show>> = {
  fields: 'form',
  texts: 'form',
  mails: 'confirmation',
  protection: 'form',
  embed: 'form',
  submissions: 'form',
}

function Builder({ form }: { readonly form: Form }) {
  const { tab = 'fields' } = route.useSearch()
  const navigate = useNavigate()
  const [shows, setShows] = useState<Partial<Record<FormTab, Show>>>({})
  const { draft, revision, state, problem, change, flush, settle } = useFormDraft(form)
  const because = whyNot(useMe(), 'campaigns.manage')
  const part: PartProps = {
    form: { ...form, name: draft.name, slug: draft.slug },
    settings: draft.settings,
    set: (settings) => change({ settings }),
  }
  const go = (next: string | null) => {
    const known = FORM_TABS.find((name) => name === next)
    if (known)
      void navigate({
        to: '/forms/$id',
        params: { id: form.id },
        search: known === 'fields' ? {} : { tab: known },
        replace: true,
      })
  }
  return (
    <Page
      title={draft.name || t.forms.title}
      lead={<FormState form={form} />}
      acts={
        <>
          <Saved state={state} />
          <FormActs form={form} flush={flush} because={because} />
        </>
      }
    >
      <div className={styles.stack}>
        {state === 'conflict' && <Conflict says={t.forms.conflict} settle={settle} />}
        {state === 'wrong' && problem && (
          <Note tone="bad" alert>
            {problem.message}
          </Note>
        )}
        {because && <Note tone="calm">{because}</Note>}
        <Missing form={form} />
        <div className={tab === 'submissions' ? styles.stack : styles.columns}>
          <Tabs value={tab} onChange={go} keepMounted={false}>
            <Tabs.List aria-label={t.forms.tabsLabel}>
              {FORM_TABS.map((name) => (
                <Tabs.Tab key={name} value={name}>
                  {t.forms.tabs[name]}
                </Tabs.Tab>
              ))}
            </Tabs.List>
            {FORM_TABS.map((name) => (
              <Tabs.Panel key={name} value={name} className={styles.tab ?? ''}>
                <Part tab={name} part={part} rename={change} />
              </Tabs.Panel>
            ))}
          </Tabs>
          {tab !== 'submissions' && (
            <Preview
              id={form.id}
              revision={revision}
              show={shows[tab] ?? SHOWN_BY[tab]}
              hasWelcome={draft.settings.welcome !== null}
              onShow={(show) => setShows({ ...shows, [tab]: show })}
            />
          )}
        </div>
      </div>
    </Page>
  )
}

function Part({
  tab,
  part,
  rename,
}: {
  readonly tab: FormTab
  readonly part: PartProps
  readonly rename: (said: { name?: string; slug?: string }) => void
}) {
  switch (tab) {
    case 'fields':
      return <FieldsTab {...part} />
    case 'texts':
      return <TextsTab {...part} rename={rename} />
    case 'mails':
      return <MailsTab {...part} />
    case 'protection':
      return <ProtectionTab {...part} />
    case 'embed':
      return <EmbedTab {...part} />
    case 'submissions':
      return <SubmissionsTab id={part.form.id} />
  }
}

function Missing({ form: { missing, state } }: { readonly form: Form }) {
  if (missing.length === 0) return null
  return (
    <Note tone={state === 'draft' ? 'calm' : 'care'}>
      {t.forms.missing}
      <ul className={styles.missing}>
        {missing.map(({ where, sentence }) => (
          <li key={`${where} ${sentence}`}>{sentence}</li>
        ))}
      </ul>
    </Note>
  )
}
