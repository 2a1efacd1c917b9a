package dev.kausal.experiments.script

import dev.kausal.engine.errors.KausalException
import java.nio.file.FileAlreadyExistsException
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardOpenOption.CREATE_NEW

/** Commented starter scripts for `new`: resources under `starters/`. */
internal enum class Starter {
    /** For a causal language model. */
    Language,

    /** For a model that fills in masked words. */
    Encoder,

    /** For a classifier of images. */
    Vision,
    ;

    /**
     * Writes `NAME.kausal.kts` to [folder] and returns it.
     *
     * @throws ScriptNotNewException if a file of that name exists, or [name] is not a valid file name
     */
    fun write(folder: Path, name: String): Path {
        val plain = name.removeSuffix(ScriptSource.SUFFIX)
        if (!NAME.matches(plain)) {
            throw ScriptNotNewException("'$name' is not a valid script name: use letters, digits, - and _")
        }
        val file = folder.resolve(plain + ScriptSource.SUFFIX)
        try {
            Files.writeString(file, text(plain), CREATE_NEW)
        } catch (_: FileAlreadyExistsException) {
            throw ScriptNotNewException("$file already exists: choose another name, or move the file")
        }
        return file
    }

    /** Returns the script's text, for an experiment called [name]. */
    fun text(name: String): String {
        val resource = "/starters/${this.name.lowercase()}.kausal.kts"
        val text = checkNotNull(Starter::class.java.getResource(resource)) { "no resource $resource" }.readText()
        return text.replace("experiment(\"starter\")", "experiment(\"$name\")")
    }

    private companion object {
        val NAME = Regex("[A-Za-z0-9][A-Za-z0-9_-]*")
    }
}

/** `new` would overwrite a script, or its name is invalid. */
internal class ScriptNotNewException(
    message: String,
) : KausalException(Blame.USER, message) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}
