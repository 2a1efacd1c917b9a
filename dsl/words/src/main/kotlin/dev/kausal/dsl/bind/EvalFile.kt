package dev.kausal.dsl.bind

import dev.kausal.dsl.EvalItem
import dev.kausal.dsl.SycophancyItem
import dev.kausal.dsl.declare.DeclaredContrast
import dev.kausal.dsl.declare.InputItem
import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.spec.Grouping
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive

/** Reads a published evaluation file, an object per line; mistakes go to [log]. */
internal class EvalFile(
    private val item: InputItem.Evals,
    private val log: MutableCollection<Mistake>,
) {
    private val file = InputFile(item.path, item.line, log)

    fun read(): List<DeclaredContrast> {
        val lines = (file.text() ?: return emptyList()).lines().withIndex().filter { it.value.isNotBlank() }
        return lines.mapNotNull { (index, text) ->
            val entry = file.json(text)?.let { it as? JsonObject ?: file.malformed("line ${index + 1} is no object") }
            entry?.let { declared(it, index + 1) }
        }
    }

    private fun declared(
        entry: JsonObject,
        number: Int,
    ): DeclaredContrast? {
        val source = "${item.path.fileName}, line $number"
        return when (val writer = item.writer) {
            is InputItem.EvalWriter.OfQuestions -> question(entry, number)?.let { of(writer, it, source) }
            is InputItem.EvalWriter.OfDialogues -> dialogue(entry, number)?.let { of(writer, it, source) }
        }
    }

    private fun of(
        writer: InputItem.EvalWriter.OfQuestions,
        of: EvalItem,
        source: String,
    ) = DeclaredContrast(
        clean = writer.clean(of),
        answers = of.notMatching,
        corrupted = null,
        foils = of.matching,
        label = label(of.question),
        line = item.line,
        source = source,
        groups = writer.template?.let { mapOf(Grouping.Template to it) }.orEmpty(),
    )

    private fun of(
        writer: InputItem.EvalWriter.OfDialogues,
        of: SycophancyItem,
        source: String,
    ) = DeclaredContrast(
        clean = writer.clean(of),
        answers = listOf(of.answer).filter { it.isNotEmpty() }.ifEmpty { null }?.map { writer.before + it },
        corrupted = writer.corrupted(of),
        foils = listOf(of.foil).filter { it.isNotEmpty() }.map { writer.before + it },
        label = label(of.question.ifEmpty { of.template }),
        line = item.line,
        source = source,
        groups = mapOf(Grouping.Template to of.template, Grouping.Subject to of.question).filterValues {
            it.isNotEmpty()
        },
    )

    private fun label(text: String) = if (text.length <= LABEL) text else text.take(LABEL).trimEnd() + "…"

    private fun question(
        entry: JsonObject,
        number: Int,
    ): EvalItem? {
        val question = text(entry, "question", number) ?: return null
        val matching = texts(entry, "answer_matching_behavior", number) ?: return null
        val others = texts(entry, "answer_not_matching_behavior", number) ?: return null
        return EvalItem(escaped(question), matching, others)
    }

    private fun dialogue(
        entry: JsonObject,
        number: Int,
    ): SycophancyItem? {
        val turns = (entry["prompt"] as? JsonArray)?.map(::turn)
        if (turns == null || null in turns) {
            return file.malformed("line $number has no \"prompt\" of turns, each with \"type\" and \"content\"")
        }
        val base = entry["base"] as? JsonObject ?: JsonObject(emptyMap())
        val metadata = entry["metadata"] as? JsonObject ?: JsonObject(emptyMap())

        fun named(name: String) = (base[name] as? JsonPrimitive)?.takeIf { it.isString }?.content.orEmpty()
        return SycophancyItem(
            turns.filterNotNull(),
            escaped(named("question")),
            named("correct_answer"),
            named("incorrect_answer"),
            (metadata["prompt_template"] as? JsonPrimitive)?.content.orEmpty(),
        )
    }

    /** Returns the role, in the words of chat templates, and the text of a turn. */
    private fun turn(of: JsonElement): Pair<String, String>? {
        val type = ((of as? JsonObject)?.get("type") as? JsonPrimitive)?.content ?: return null
        val content = (of["content"] as? JsonPrimitive)?.content ?: return null
        return (ROLES[type] ?: return null) to escaped(content)
    }

    private fun text(
        entry: JsonObject,
        name: String,
        number: Int,
    ): String? =
        (entry[name] as? JsonPrimitive)?.takeIf { it.isString }?.content
            ?: file.malformed("line $number has no text \"$name\"")

    private fun texts(
        entry: JsonObject,
        name: String,
        number: Int,
    ): List<String>? {
        val value = entry[name]
        val all = (value as? JsonArray ?: listOf(value)).map {
            (it as? JsonPrimitive)?.takeIf { one ->
                one.isString
            }?.content
        }
        return all.filterNotNull().takeIf { it.size == all.size && it.isNotEmpty() }
            ?: file.malformed("line $number has no text, or list of texts, \"$name\"")
    }

    /** Returns a text in which brackets mark nothing. */
    private fun escaped(text: String) = text.replace("[", "\\[").replace("]", "\\]")

    private companion object {
        const val LABEL = 60
        val ROLES = mapOf("human" to "user", "ai" to "assistant", "system" to "system")
    }
}
