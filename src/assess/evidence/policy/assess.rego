# Rules as data (data below `rules`) and how they are judged. A subject passes only where each test passes; whatever is
# missing, misspelt, of another type or written otherwise is "not evaluable" and does not pass.

blank(text) if regex.match(`^[\t-\r\x{1c}-\x{1f}\x{85}\p{Z}]*$`, text)

folded(text) := lower(regex.replace(text, `[\t-\r\x{1c}-\x{1f}\x{85}\p{Z}_-]+`, ""))

# A missing value is the only one that differs with the default.
present(document, path) if object.get(document, path, 0) == object.get(document, path, 1)

# Where the path ends: the number of its keys that are there.
depth(document, path) := min({i | some i, _ in path; not present(document, array.slice(path, 0, i + 1))} | {count(path)})

holder(document, path, 0) := document

holder(document, path, n) := object.get(document, array.slice(path, 0, n), null) if n > 0

nearly(parent, key) if {
	some other, _ in parent
	is_string(other)
	folded(other) == folded(key)
}

answer(test, document) := "not evaluable" if {
	n := depth(document, test.path)
	n < count(test.path)
	absent(test, holder(document, test.path, n), test.path[n]) == "not evaluable"
}

answer(test, document) := "fail" if {
	n := depth(document, test.path)
	n < count(test.path)
	absent(test, holder(document, test.path, n), test.path[n]) == "fail"
}

answer(test, document) := judged(test, object.get(document, test.path, null)) if {
	depth(document, test.path) == count(test.path)
}

default absent(_, _, _) := "not evaluable"

absent(test, parent, key) := "fail" if {
	test.presence
	is_object(parent)
	not nearly(parent, key)
}

default judged(_, _) := "not evaluable"

judged(test, value) := met(regex.match(`[^\t-\r\x{1c}-\x{1f}\x{85}\p{Z}]`, value)) if {
	test.operation == "text"
	is_string(value)
}

judged(test, value) := "pass" if {
	test.operation == "number"
	is_number(value)
}

judged(test, value) := "pass" if {
	test.operation == "boolean"
	is_boolean(value)
}

judged(test, value) := met(count(value) > 0) if {
	test.operation == "list"
	is_array(value)
}

judged(test, value) := "pass" if {
	test.operation == "date"
	is_day(value)
}

judged(test, value) := "pass" if {
	test.operation == "one_of"
	is_string(value)
	value in test.texts
}

judged(test, value) := "fail" if {
	test.operation == "one_of"
	is_string(value)
	not blank(value)
	not alike(test, value)
}

judged(test, value) := "fail" if {
	test.operation == "none_of"
	is_string(value)
	value in test.texts
}

judged(test, value) := "pass" if {
	test.operation == "none_of"
	is_string(value)
	not blank(value)
	not alike(test, value)
}

judged(test, value) := met(regex.match(test.pattern, value)) if {
	test.operation == "matches"
	is_string(value)
	count(value) <= longest
}

judged(test, value) := met(value == test.flag) if {
	test.operation == "is"
	is_boolean(value)
}

judged(test, value) := met(value >= test.number) if {
	test.operation == "at_least"
	is_number(value)
}

judged(test, value) := met(value <= test.number) if {
	test.operation == "at_most"
	is_number(value)
}

judged(test, value) := met(value < limit(test)) if {
	test.operation == "before"
	is_day(value)
}

judged(test, value) := met(value >= limit(test)) if {
	test.operation == "not_before"
	is_day(value)
}

met(true) := "pass"

met(false) := "fail"

alike(test, value) if {
	some word in test.texts
	folded(word) == folded(value)
}

limit(test) := test.texts[0] if test.texts[0] != "today"

limit(test) := today if {
	test.texts[0] == "today"
	is_string(today)
}

is_day(text) if {
	is_string(text)
	regex.match(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`, text)
	year := substring(text, 0, 4)
	day := substring(text, 8, 2)
	year != "0000"
	day >= "01"
	day <= last(to_number(trim_left(year, "0")), substring(text, 5, 2))
}

last(_, month) := "31" if month in {"01", "03", "05", "07", "08", "10", "12"}

last(_, month) := "30" if month in {"04", "06", "09", "11"}

last(year, "02") := "29" if leap(year)

last(year, "02") := "28" if not leap(year)

leap(year) if {
	year % 4 == 0
	year % 100 != 0
}

leap(year) if year % 400 == 0

# The first test of the rule's reach that is not met decides: failed, the rule does not apply; not evaluable, nor is the rule.
reach(rule, document) := found if {
	answers := [state | some test in rule.reach; state := answer(test, document)]
	open := {i | some i, state in answers; state != "pass"}
	found := first(answers, open)
}

first(_, open) := "pass" if count(open) == 0

first(answers, open) := answers[min(open)] if count(open) > 0

verdict(rule, document) := "not evaluable" if reach(rule, document) == "not evaluable"

verdict(rule, document) := found if {
	reach(rule, document) == "pass"
	states := {state | some test in rule.tests; state := answer(test, document)}
	found := worst(states)
}

worst(states) := "fail" if "fail" in states

worst(states) := "not evaluable" if {
	not "fail" in states
	"not evaluable" in states
}

worst(states) := "pass" if states == {"pass"}

outcomes contains outcome if {
	some rule in rules
	some subject in input.subjects
	subject.kind in rule.kinds
	state := verdict(rule, subject.document)
	outcome := {"rule": rule.id, "kind": subject.kind, "subject": subject.id, "state": state}
}

violations contains outcome if {
	some outcome in outcomes
	outcome.state != "pass"
}
