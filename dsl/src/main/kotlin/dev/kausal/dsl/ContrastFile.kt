package dev.kausal.dsl

import dev.kausal.spec.Grouping
import kotlinx.serialization.SerializationException
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import org.apache.commons.csv.CSVFormat
import org.apache.commons.csv.CSVParser
import java.io.IOException
import java.io.UncheckedIOException
import java.nio.charset.MalformedInputException
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import kotlin.io.path.extension

/** Reads a file of contrasts; mistakes go to [log], and the sound entries come back. */
internal class ContrastFile(
    private val path: Path,
    private val line: Int?,
    private val written: (String) -> Written,
    private val log: MutableCollection<Mistake>,
) {
    fun read(): List<WrittenContrast> {
        val text = text() ?: return emptyList()
        val entries = (if (path.extension == "csv") rows(text) else entries(text)) ?: return emptyList()
        return entries.mapIndexedNotNull { index, element -> entry(index + 1, element) }
    }

    private fun text(): String? =
        try {
            Files.readString(path)
        } catch (_: NoSuchFileException) {
            log += Mistake.FileMissing(line, path.toString())
            null
        } catch (_: MalformedInputException) {
            malformed("its text is not UTF-8")
        } catch (e: IOException) {
            malformed("it cannot be read as text: ${e.message}")
        }

    private fun entries(text: String): List<JsonElement>? {
        val root =
            try {
                Json.parseToJsonElement(text)
            } catch (e: SerializationException) {
                return malformed(e.message.orEmpty().lineSequence().first())
            }
        val list = if (root is JsonObject) root["contrasts"] else root
        return list as? JsonArray ?: malformed("there is no list at its top or under \"contrasts\"")
    }

    /** Rows of comma-separated values under a row of field names; an empty value is none (RFC 4180). */
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

    private fun malformed(detail: String): Nothing? {
        log += Mistake.FileMalformed(line, path.toString(), detail)
        return null
    }

    private fun entry(
        number: Int,
        element: JsonElement,
    ): WrittenContrast? {
        val before = log.size
        if (element !is JsonObject) return malformed("entry $number is not an object")
        element.keys.filter { it !in known }.forEach { field(number, it, FieldFault.Unknown) }
        val texts = texts.associateWith { text(number, element, it) }
        required.filter { element[it] == null }.forEach { field(number, it, FieldFault.Missing) }
        if (log.size > before) return null
        return WrittenContrast(
            clean = written(texts.getValue("clean").orEmpty()),
            answer = texts.getValue("answer").orEmpty(),
            corrupted = texts["corrupted"]?.let(written),
            foil = texts["foil"],
            label = texts["label"],
            line = line,
            source = "${path.fileName}, entry $number",
            groups = groups(element),
        )
    }

    /** What the entry says that it has in common with others. */
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
        val known = texts.toSet() + grouped.keys
    }
}
