package dev.kausal.experiments.certify

import java.util.Locale

/** Formats a certificate for the terminal: a row per kind of hook point, then checks, then notes. */
internal object CertificateText {
    private val HEAD = listOf("site", "points", "absolute", "relative", "own value", "largest at")

    fun of(record: CertificateRecord): String =
        buildString {
            val precision = if (record.precision == "float32") "" else ", in ${record.precision}"
            appendLine(
                "${record.model} (${record.family})$precision, against ${record.reference?.text ?: "itself alone"}",
            )
            appendLine()
            append(columns(listOf(HEAD) + record.sites.map(::row)))
            appendLine()
            record.outputs?.let {
                appendLine("largest ${it.name}: the reference's in ${it.agree} of ${it.rows} rows")
            }
            record.checks.forEach { appendLine(line(it)) }
            record.notes.forEach { appendLine("note: $it") }
            append(if (record.passed) "passed" else "FAILED")
        }

    private fun row(site: SiteRecord): List<String> {
        val compared = site.points > 0
        return listOf(
            site.name,
            site.points.toString(),
            if (compared) number(site.absolute) else "-",
            if (compared) number(site.relative) else "-",
            site.drift?.let(::number) ?: "-",
            // Without a difference there is no place of the largest one.
            site.where.takeIf { site.absolute != 0.0 }.orEmpty(),
        )
    }

    private fun line(check: CheckRecord): String {
        val verdict = if (check.passed) "ok    " else "FAILED"
        val where = if (check.where.isEmpty()) "" else ", largest at ${check.where}"
        return "$verdict ${check.question}: ${number(check.found)} of at most ${number(check.bound)}$where"
    }

    /** Formats a small number with two digits, a count as it is. */
    private fun number(value: Double?): String =
        when {
            value == null -> "not a number"
            value == Math.rint(value) -> value.toLong().toString()
            else -> String.format(Locale.ROOT, "%.1e", value)
        }

    private fun columns(rows: List<List<String>>): String {
        val widths = HEAD.indices.map { column -> rows.maxOf { it[column].length } }
        return rows.joinToString("") { row ->
            row.mapIndexed { column, cell -> cell.padEnd(widths[column]) }.joinToString("  ").trimEnd() + "\n"
        }
    }
}
