import { ColorInput, Switch, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { type FormSettings, isWebAddress } from '../../../src/forms/form.ts'
import { t } from '../../texts/texts.ts'
import { FormRow } from '../../ui/form.tsx'
import { Panel } from '../../ui/panel.tsx'
import styles from '../forms.module.css'
import type { PartProps } from '../use-form-draft.ts'

interface Props extends PartProps {
  readonly rename: (said: { name?: string; slug?: string }) => void
}

export function TextsTab({ form, settings, set, rename }: Props) {
  return (
    <div className={styles.stack}>
      <Panel title={t.forms.name}>
        <FormRow half>
          <TextInput
            label={t.forms.name}
            description={t.forms.nameHint}
            maxLength={100}
            value={form.name}
            onChange={(event) => rename({ name: event.currentTarget.value })}
          />
          <TextInput
            label={t.forms.slug}
            description={t.forms.slugHint}
            maxLength={60}
            value={form.slug}
            onChange={(event) => rename({ slug: event.currentTarget.value })}
          />
        </FormRow>
      </Panel>
      <Panel title={t.forms.tabs.texts}>
        <div className={styles.fields}>
          <TextInput
            label={t.forms.heading}
            maxLength={200}
            value={settings.title}
            onChange={(event) => set({ title: event.currentTarget.value })}
          />
          <Words label={t.forms.intro} value={settings.intro} onChange={(intro) => set({ intro })} />
          <FormRow half>
            <TextInput
              label={t.forms.button}
              maxLength={60}
              value={settings.button}
              onChange={(event) => set({ button: event.currentTarget.value })}
            />
            <TextInput
              label={t.forms.formLanguage}
              description={t.forms.formLanguageHint}
              maxLength={35}
              value={settings.language}
              onChange={(event) => set({ language: event.currentTarget.value.trim() })}
            />
          </FormRow>
          <Words label={t.forms.finePrint} value={settings.fine_print} onChange={(fine_print) => set({ fine_print })} />
          <Switch
            label={t.forms.prefill}
            description={t.forms.prefillHint}
            checked={settings.prefill}
            onChange={(event) => set({ prefill: event.currentTarget.checked })}
          />
        </div>
      </Panel>
      <Look settings={settings} set={set} />
      <Panel title={t.forms.afterwards}>
        <div className={styles.fields}>
          {(['asked', 'done', 'confirmed'] as const).map((which) => (
            <Afterwards key={which} which={which} settings={settings} set={set} />
          ))}
        </div>
      </Panel>
    </div>
  )
}

function Words({
  label,
  value,
  onChange,
}: {
  readonly label: string
  readonly value: string
  readonly onChange: (text: string) => void
}) {
  return (
    <Textarea
      label={label}
      description={t.forms.markdown}
      autosize
      minRows={2}
      maxRows={12}
      maxLength={4_000}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

type Part = Pick<PartProps, 'settings' | 'set'>

function Look({ settings: { colours }, set }: Part) {
  const pick = (key: keyof FormSettings['colours'], label: string, fallback: string) => (
    <div className={styles.fields}>
      <Switch
        label={label}
        checked={colours[key] !== null}
        onChange={(event) => set({ colours: { ...colours, [key]: event.currentTarget.checked ? fallback : null } })}
      />
      {colours[key] !== null && (
        <ColorInput
          aria-label={label}
          eyeDropperButtonProps={{ 'aria-label': t.forms.pickColour(label) }}
          format="hex"
          value={colours[key]}
          onChange={(value) => /^#[0-9a-f]{6}$/i.test(value) && set({ colours: { ...colours, [key]: value.toLowerCase() } })}
        />
      )}
    </div>
  )
  return (
    <Panel title={t.forms.look}>
      <p className={styles.quiet}>{t.forms.coloursHint}</p>
      <div className={styles.colours}>
        {pick('accent', t.forms.accent, '#0c5a63')}
        {pick('background', t.forms.background, '#ffffff')}
      </div>
    </Panel>
  )
}

/** What is no address of the web is not saved, and says so. */
function Afterwards({ which, settings, set }: Part & { readonly which: 'asked' | 'done' | 'confirmed' }) {
  const said = settings[which]
  const [url, setUrl] = useState(said.redirect_url ?? '')
  const isWrong = url.trim() !== '' && !isWebAddress(url.trim())
  const labels = { asked: t.forms.askedText, done: t.forms.doneText, confirmed: t.forms.confirmedText }
  return (
    <FormRow half>
      <Textarea
        label={labels[which]}
        description={t.forms.markdown}
        autosize
        minRows={2}
        maxLength={2_000}
        value={said.text}
        onChange={(event) => set({ [which]: { ...said, text: event.currentTarget.value } })}
      />
      <TextInput
        label={t.forms.redirect}
        description={t.forms.redirectHint}
        maxLength={1_000}
        value={url}
        error={isWrong ? t.forms.redirectWrong : null}
        onChange={(event) => {
          const next = event.currentTarget.value
          setUrl(next)
          if (next.trim() === '') set({ [which]: { ...said, redirect_url: null } })
          else if (isWebAddress(next.trim())) set({ [which]: { ...said, redirect_url: next.trim() } })
        }}
      />
    </FormRow>
  )
}
