package dev.kausal.dsl.bind

import dev.kausal.dsl.WrittenQuestion
import dev.kausal.dsl.declare.DeclaredContrast
import dev.kausal.dsl.declare.InputItem
import dev.kausal.dsl.declare.InputSource
import dev.kausal.dsl.mistakes.FieldFault
import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.dsl.subject
import dev.kausal.spec.Grouping
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import org.apache.commons.csv.CSVFormat
import org.apache.commons.csv.CSVParser
import java.io.IOException
import java.io.UncheckedIOException
import java.nio.file.Path
import kotlin.io.path.extension

/** Reads a file of contrasts; mistakes go to [log], and valid entries are returned. */
internal class ContrastFile(
    private val path: Path,
    private val line: Int?,
    private val written: (String) -> InputSource,
    private val log: MutableCollection<Mistake>,
    private val asking: InputItem.Asking? = null,
) {
    private val file = InputFile(path, line, log)

    fun read(): List<DeclaredContrast> {
        val text = text() ?: return emptyList()
        val entries = (if (path.extension == "csv") rows(text) else entries(text)) ?: return emptyList()
        return entries.mapIndexedNotNull { index, element -> entry(index + 1, element) }
    }

    private fun text(): String? = file.text()

    private fun entries(text: String): List<JsonElement>? {
        val root = file.json(text) ?: return null
        val list = if (root is JsonObject) root["contrasts"] else root
        return list as? JsonArray ?: malformed("there is no list at its top or under \"contrasts\"")
    }

    /** Parses comma-separated values under a row of field names; an empty value means none (RFC 4180). */
    private fun rows(text: String): List<JsonElement>? =
        try {
            CSVParser.parse(text.removePrefix("\uFEFF"), csv).use { parser ->
                parser.map { row ->
                    JsonObject(row.toMap().filterValues { it.isNotEmpty() }.mapValues { JsonPrimitive(it.value) })
                }
            }
        } catch (e: IOException) {
            malformed(e.message.orEmpty().lineSequence().first())
        } catch (e: UncheckedIOException) {
            malformed(e.message.orEmpty().lineSequence().first())
        } catch (e: IllegalArgumentException) {
            malformed(e.message.orEmpty().lineSequence().first())
        }

    private fun malformed(detail: String): Nothing? = file.malformed(detail)

    private fun entry(
        number: Int,
        element: JsonElement,
    ): DeclaredContrast? {
        val before = log.size
        if (element !is JsonObject) return malformed("entry $number is not an object")
        element.keys.filter { it !in known }.forEach { field(number, it, FieldFault.Unknown) }
        val texts = texts.associateWith { text(number, element, it) }
        val lists = lists.associateWith { list(number, element, it) }
        val answers = listOfNotNull(texts["answer"]) + lists.getValue("answers")
        val foils = listOfNotNull(texts["foil"]) + lists.getValue("foils")
        if (element["clean"] == null) field(number, "clean", FieldFault.Missing)
        if (element["answer"] == null && element["answers"] == null) field(number, "answer", FieldFault.Missing)
        if (log.size > before) return null
        val read =
            DeclaredContrast(
                clean = written(texts.getValue("clean").orEmpty()),
                answers = answers,
                corrupted = texts["corrupted"]?.let(written),
                foils = foils,
                label = texts["label"],
                line = line,
                source = "${path.fileName}, entry $number",
                groups = groups(element),
                candidates = lists.getValue("candidates"),
            )
        return asking?.let { asked(it, read, texts.getValue("clean").orEmpty()) } ?: read
    }

    /** Returns the same question in another phrasing. */
    private fun asked(
        asking: InputItem.Asking,
        read: DeclaredContrast,
        clean: String,
    ): DeclaredContrast {
        val question =
            WrittenQuestion(
                clean,
                read.answers?.firstOrNull().orEmpty().trim(),
                read.foils.firstOrNull().orEmpty().trim(),
            )
        val name = read.label ?: MarkedPrompt.parse(clean).run { subject?.let { text.substring(it) } ?: text }
        return read.copy(
            clean = asking.clean?.let { written(it(question)) } ?: read.clean,
            answers = asking.answer?.let(::listOf) ?: read.answers,
            corrupted = written(asking.corrupted(question)),
            foils = asking.foil?.let(::listOf) ?: read.foils,
            label = "$name (${asking.template})",
            groups = read.groups + (Grouping.Template to asking.template),
        )
    }

    private fun list(
        number: Int,
        entry: JsonObject,
        name: String,
    ): List<String> {
        val value = entry[name] ?: return emptyList()
        val texts = (value as? JsonArray)?.map { (it as? JsonPrimitive)?.takeIf { text -> text.isString }?.content }
        if (texts == null || null in texts) field(number, name, FieldFault.NotTexts)
        return texts.orEmpty().filterNotNull()
    }

    /** Returns the entry's groups. */
    private fun groups(entry: JsonObject): Map<Grouping, String> =
        grouped.entries
            .mapNotNull { (field, by) ->
                (entry[field] as? JsonPrimitive)?.takeIf { it.isString }?.let {
                    by to
                        it.content
                }
            }
            .toMap()

    private fun text(
        number: Int,
        entry: JsonObject,
        name: String,
    ): String? {
        val value = entry[name]
        return when {
            value is JsonPrimitive && value.isString -> {
                value.content
            }

            value == null -> {
                null
            }

            value is JsonNull && name !in required -> {
                null
            }

            else -> {
                field(number, name, FieldFault.NotText)
                null
            }
        }
    }

    private fun field(
        number: Int,
        name: String,
        fault: FieldFault,
    ) {
        log += Mistake.FileField(line, path.toString(), number, name, fault, known.toList())
    }

    private companion object {
        val csv: CSVFormat =
            CSVFormat.RFC4180
                .builder()
                .setHeader()
                .setSkipHeaderRecord(true)
                .get()
        val required = listOf("clean", "answer")
        val texts = required + listOf("corrupted", "foil", "label")

        val grouped =
            mapOf("relation" to Grouping.Relation, "template" to Grouping.Template, "subject" to Grouping.Subject)
        val lists = listOf("candidates", "answers", "foils")
        val known = texts.toSet() + grouped.keys + lists
    }
}
