import { changeForm, type Form, getForm, listForms } from '../../src/api/endpoints/forms.ts'
import type { FormSettings } from '../../src/forms/form.ts'
import { call } from '../api.ts'
import { useAutosave, type Writable } from '../parts/use-autosave.ts'
import { keyOf } from '../query.ts'

type Draft = Pick<Form, 'name' | 'slug' | 'settings'>
interface DraftChange {
  readonly name?: string
  readonly slug?: string
  readonly settings?: Partial<FormSettings>
}

const FORM: Writable<Form, Draft> = {
  draftOf: ({ name, slug, settings }) => ({ name, slug, settings }),
  versionOf: ({ revision }) => revision,
  load: (id) => call(getForm, { params: { id } }),
  save: (id, change, revision) => call(changeForm, { params: { id }, body: { ...change, revision } }),
  onSaved: (client, saved) => {
    client.setQueryData(keyOf(getForm, { id: saved.id }), saved)
    void client.invalidateQueries({ queryKey: keyOf(listForms) })
  },
}

/** A form as it is being written. Of its settings only what changes is said; they are saved as a whole. */
export function useFormDraft(form: Form) {
  const { change, version, ...rest } = useAutosave(FORM, form)
  return {
    ...rest,
    revision: version,
    change: ({ settings, ...said }: DraftChange) =>
      change((now) => ({ ...said, ...(settings && { settings: { ...now.settings, ...settings } }) })),
  }
}

/** What each part of the page is given. */
export interface PartProps {
  readonly form: Form
  readonly settings: FormSettings
  readonly set: (change: Partial<FormSettings>) => void
}
