import { Button, NumberInput, PasswordInput, Select, Switch, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { changeForm, getForm } from '../../../src/api/endpoints/forms.ts'
import { type CAPTCHAS, type CaptchaKind, isForeign, MAX_EFFORT, originOf } from '../../../src/forms/form.ts'
import { useAction } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { ChoiceCards } from '../../ui/choice-cards.tsx'
import { Form, FormActs } from '../../ui/form.tsx'
import { Panel } from '../../ui/panel.tsx'
import { toast } from '../../ui/toasts.tsx'
import styles from '../forms.module.css'
import type { PartProps } from '../use-form-draft.ts'

const ORDER = ['altcha', 'none', 'hcaptcha', 'turnstile'] as const satisfies readonly (typeof CAPTCHAS)[number][]

export function ProtectionTab(part: PartProps) {
  const { settings, set } = part
  return (
    <div className={styles.stack}>
      <Captcha {...part} />
      <Panel title={t.forms.limits}>
        <div className={styles.fields}>
          <Limit label={t.forms.perIp} name="per_ip_hour" max={10_000} {...part} />
          <Limit label={t.forms.perForm} name="per_form_hour" max={1_000_000} {...part} />
          <Limit label={t.forms.perAddress} name="mails_per_address_day" max={20} {...part} />
        </div>
      </Panel>
      <Panel title={t.forms.sites}>
        <Sites {...part} />
      </Panel>
      <Panel title={t.forms.proof}>
        <Switch
          label={t.forms.keepIp}
          description={t.forms.keepIpHint}
          checked={settings.keep_ip}
          onChange={(event) => set({ keep_ip: event.currentTarget.checked })}
        />
      </Panel>
    </div>
  )
}

function Captcha({ form, settings: { captcha }, set }: PartProps) {
  const change = (said: Partial<typeof captcha>) => set({ captcha: { ...captcha, ...said } })
  return (
    <Panel title={t.forms.captcha}>
      <div className={styles.fields}>
        <ChoiceCards
          label={t.forms.captcha}
          name="captcha"
          value={captcha.kind}
          choices={ORDER.map((value) => ({ value, title: t.forms.captchas[value], hint: t.forms.captchaHints[value] }))}
          onChange={(kind: CaptchaKind) => change({ kind })}
        />
        {captcha.kind === 'altcha' && (
          <NumberInput
            label={t.forms.effort}
            description={t.forms.effortHint}
            min={1_000}
            max={MAX_EFFORT}
            step={10_000}
            thousandSeparator=","
            allowDecimal={false}
            value={captcha.effort}
            onChange={(value) => typeof value === 'number' && value >= 1_000 && value <= MAX_EFFORT && change({ effort: value })}
          />
        )}
        {isForeign(captcha.kind) && (
          <>
            <TextInput
              label={t.forms.siteKey}
              maxLength={200}
              value={captcha.site_key}
              onChange={(event) => change({ site_key: event.currentTarget.value.trim() })}
            />
            <Secret id={form.id} isKept={form.has_captcha_secret} />
          </>
        )}
        {captcha.kind !== 'none' && (
          <Select
            label={t.forms.unproven}
            description={t.forms.unprovenHint}
            allowDeselect={false}
            data={(['confirm', 'refuse'] as const).map((value) => ({ value, label: t.forms.unprovens[value] }))}
            value={captcha.unproven}
            onChange={(value) => value && change({ unproven: value as 'confirm' | 'refuse' })}
          />
        )}
      </div>
    </Panel>
  )
}

/** Never shown again: it is sent by itself, and kept sealed. */
function Secret({ id, isKept }: { readonly id: PartProps['form']['id']; readonly isKept: boolean }) {
  const [secret, setSecret] = useState('')
  const keep = useAction(changeForm, {
    changes: [getForm],
    onDone: () => {
      setSecret('')
      toast('good', t.forms.secretSaved)
    },
  })
  return (
    <Form onSubmit={() => keep.mutate({ params: { id }, body: { captcha_secret: secret.trim() } })}>
      <PasswordInput
        label={t.forms.secret}
        description={isKept ? t.forms.secretKept : undefined}
        autoComplete="off"
        maxLength={500}
        value={secret}
        onChange={(event) => setSecret(event.currentTarget.value)}
      />
      <FormActs>
        <Button type="submit" size="compact-sm" variant="default" loading={keep.isPending} disabled={secret.trim() === ''}>
          {t.forms.secretSave}
        </Button>
      </FormActs>
    </Form>
  )
}

interface LimitProps extends PartProps {
  readonly label: string
  readonly name: 'per_ip_hour' | 'per_form_hour' | 'mails_per_address_day'
  readonly max: number
}

function Limit({ label, name, max, settings: { limits }, set }: LimitProps) {
  return (
    <NumberInput
      label={label}
      w={280}
      min={1}
      max={max}
      allowDecimal={false}
      thousandSeparator=","
      value={limits[name]}
      onChange={(value) =>
        typeof value === 'number' && value >= 1 && value <= max && set({ limits: { ...limits, [name]: value } })
      }
    />
  )
}

/** What is no origin is not saved, and says so. */
function Sites({ settings, set }: PartProps) {
  const [text, setText] = useState(settings.origins.join('\n'))
  const linesOf = (all: string) =>
    all
      .split('\n')
      .map((one) => one.trim().replace(/\/$/, ''))
      .filter((one) => one !== '')
  const isRight = (one: string) => one === '*' || originOf(one) === one
  return (
    <Textarea
      aria-label={t.forms.sites}
      description={t.forms.sitesHint}
      autosize
      minRows={2}
      maxRows={10}
      value={text}
      error={linesOf(text).every(isRight) ? null : t.forms.sitesWrong}
      onChange={(event) => {
        setText(event.currentTarget.value)
        const lines = linesOf(event.currentTarget.value)
        if (lines.every(isRight)) set({ origins: [...new Set(lines)].slice(0, 50) })
      }}
    />
  )
}
