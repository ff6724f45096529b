import styles from './choice-cards.module.css'

interface Props<Value extends string> {
  readonly label: string
  readonly name: string
  readonly value: Value
  readonly choices: ReadonlyArray<{ readonly value: Value; readonly title: string; readonly hint: string }>
  readonly onChange: (value: Value) => void
}

/** A few choices that deserve a sentence each: radio buttons in the form of cards. */
export function ChoiceCards<Value extends string>({ label, name, value, choices, onChange }: Props<Value>) {
  return (
    <div className={styles.cards} role="radiogroup" aria-label={label}>
      {choices.map((choice) => (
        <label key={choice.value} className={styles.card}>
          <input type="radio" name={name} checked={choice.value === value} onChange={() => onChange(choice.value)} />
          <span>
            <span className={styles.title}>{choice.title}</span>
            <span className={styles.hint}>{choice.hint}</span>
          </span>
        </label>
      ))}
    </div>
  )
}
