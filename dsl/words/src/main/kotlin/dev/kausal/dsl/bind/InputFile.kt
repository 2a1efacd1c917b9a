package dev.kausal.dsl.bind

import dev.kausal.dsl.declare.DeclaredContrast
import dev.kausal.dsl.declare.InputSource
import dev.kausal.dsl.mistakes.Mistake
import kotlinx.serialization.SerializationException
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonPrimitive
import java.io.IOException
import java.nio.charset.MalformedInputException
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path

/** A file with inputs; mistakes go to [log]. */
internal class InputFile(
    private val path: Path,
    private val line: Int?,
    private val log: MutableCollection<Mistake>,
) {
    /** Returns its text; null, with a mistake, if there is none. */
    fun text(): String? =
        try {
            Files.readString(path)
        } catch (_: NoSuchFileException) {
            log += Mistake.FileMissing(line, path.toString())
            null
        } catch (_: MalformedInputException) {
            malformed("its text is not UTF-8")
        } catch (e: IOException) {
            malformed("it cannot be read: ${e.message}")
        }

    /** Parses [text] as JSON; null, with a mistake, if it is malformed. */
    fun json(text: String): JsonElement? =
        try {
            Json.parseToJsonElement(text)
        } catch (e: SerializationException) {
            malformed(e.message.orEmpty().lineSequence().first())
        }

    /** Returns its prompts, if it is a list of texts. */
    fun prompts(): List<DeclaredContrast> {
        val root = json(text() ?: return emptyList()) ?: return emptyList()
        val texts = (root as? JsonArray)?.map { (it as? JsonPrimitive)?.takeIf { text -> text.isString }?.content }
        if (texts == null || null in texts) malformed("it is not a list of texts")
        return texts.orEmpty().filterNotNull().mapIndexed { index, text ->
            val source = "${path.fileName}, entry ${index + 1}"
            DeclaredContrast(InputSource.Text(text), null, null, emptyList(), null, line, source)
        }
    }

    /** Reports that the file is malformed in [detail]. */
    fun malformed(detail: String): Nothing? {
        log += Mistake.FileMalformed(line, path.toString(), detail)
        return null
    }
}
