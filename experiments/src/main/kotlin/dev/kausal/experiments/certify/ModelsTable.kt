package dev.kausal.experiments.certify

import dev.kausal.engine.errors.KausalException
import java.nio.file.Path
import kotlin.io.path.isRegularFile
import kotlin.io.path.name
import kotlin.io.path.readText
import kotlin.math.ceil
import kotlin.math.floor
import kotlin.math.log10
import kotlin.math.pow

/**
 * The table of docs/models.md: a row per certified model, a column per group of hook points with the largest relative
 * difference there. Numbers are rounded up to one digit, so that each is a bound.
 */
internal object ModelsTable {
    const val BEGIN: String = "<!-- written by ./kausal certify --table: begin -->"
    const val END: String = "<!-- end -->"

    private val LEAD = listOf("Model", "Family", "Reference")
    private val TAIL = listOf("Outputs, absolute", "Own value")

    /** Columns in order; a site belongs to the first group whose test it passes. */
    private val GROUPS: List<Pair<String, (String) -> Boolean>> =
        listOf(
            "Norms" to { it.endsWith(".hook_scale") || it.endsWith(".hook_normalized") },
            "Attention" to { ".attn." in it },
            "MLP" to { ".mlp." in it },
            "Head" to { it.startsWith("pooler.") || it.startsWith("mlm_head.") },
            "Residual stream" to { it.startsWith("blocks.") },
            "Embeddings" to { true },
        )

    /** Returns [records] as Markdown, by family. */
    fun of(records: List<CertificateRecord>): String {
        val head = LEAD + GROUPS.map { it.first } + TAIL
        val rows = records.sortedWith(compareBy({ it.family }, { name(it) })).map(::row)
        return (listOf(head, head.map { "---" }) + rows).joinToString("") { it.joinToString(" | ", "| ", " |\n") }
    }

    /** Writes the table between the two marks in [file]. */
    fun write(file: Path, records: List<CertificateRecord>): Path {
        val text = if (file.isRegularFile()) file.readText() else ""
        val begin = text.indexOf(BEGIN)
        val end = text.indexOf(END, maxOf(begin, 0))
        if (begin < 0 || end < 0) throw TableMarksMissingException(file)
        return CertificateFiles.replace(file, text.take(begin) + BEGIN + "\n" + of(records) + text.drop(end))
    }

    private fun row(record: CertificateRecord): List<String> =
        listOf(name(record), record.family, record.reference?.text ?: "-") +
            GROUPS.indices.map { bound(largest(record, it)) } +
            listOf(bound(record.outputs?.absolute), bound(record.sites.mapNotNull { it.drift }.maxOrNull()))

    private fun largest(record: CertificateRecord, group: Int): Double? =
        record.sites
            .filter { site -> GROUPS.indexOfFirst { it.second(site.name) } == group }
            .mapNotNull { it.relative }
            .maxOrNull()

    /** Returns the last part of a path; a catalog id as it is. */
    private fun name(record: CertificateRecord): String =
        if (record.model.startsWith("hf:")) record.model else Path.of(record.model).name

    /** Rounds [value] up to one digit: 3.2e-7 becomes 4e-7. */
    private fun bound(value: Double?): String {
        if (value == null) return "-"
        if (value == 0.0) return "0"
        val exponent = floor(log10(value)).toInt()
        val digit = ceil(value / 10.0.pow(exponent) - ROUNDING).toInt()
        return if (digit == TEN) "1e${exponent + 1}" else "${digit}e$exponent"
    }

    private const val ROUNDING = 1e-9
    private const val TEN = 10
}

/** `--table` names a file without the two marks. */
internal class TableMarksMissingException(
    val file: Path,
) : KausalException(
        Blame.USER,
        "$file has no marks for the table. Add the lines '${ModelsTable.BEGIN}' and '${ModelsTable.END}'.",
    ) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}
