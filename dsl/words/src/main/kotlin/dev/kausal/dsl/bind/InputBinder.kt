package dev.kausal.dsl.bind

import dev.kausal.dsl.CausalLm
import dev.kausal.dsl.Contrasts
import dev.kausal.dsl.Inputs
import dev.kausal.dsl.MaskedLm
import dev.kausal.dsl.Picture
import dev.kausal.dsl.declare.DeclaredContrast
import dev.kausal.dsl.declare.InputItem
import dev.kausal.dsl.declare.InputSource
import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.engine.names.NearestNames
import dev.kausal.spec.AnswerRole
import dev.kausal.spec.CandidateSpec
import dev.kausal.spec.ClassNames
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.DropFact
import dev.kausal.spec.Dropped
import dev.kausal.spec.FilterSpec
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.SubjectsSpec
import dev.kausal.spec.TokenSpec
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.extension
import kotlin.io.path.isDirectory
import kotlin.io.path.isRegularFile
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name

/** Reads inputs as the model does. An input with a mistake is left out of its set, so that it is reported once. */
internal class InputBinder(
    private val binding: Binding,
) {
    private val mistakes = binding.mistakes
    private val facts = binding.facts
    private val prompts = facts.tokenizer?.let { PromptBinder(binding, it) }
    private val classes = ClassNames(facts.classes)
    private val pictures = facts.images?.let { ImageBinder(it, mistakes) }

    /** All images read so far, by the name of their picture. */
    val images: Map<String, SeenImage> get() = pictures?.seen.orEmpty()

    fun bind(set: Inputs<*>): ContrastSetSpec {
        val before = mistakes.size
        val written = written(set)
        if (written.isEmpty() && mistakes.size == before) {
            mistakes += Mistake.EmptyContrasts(set.line, set.shown, set.word)
        }
        val sampled = written.sampled((set as? Contrasts<*>)?.sample, binding.seed)
        val filter = set.filter?.spec ?: return ContrastSetSpec(set.name, sampled.mapNotNull { contrast(it) })
        val whole = filter.judgesWholeAnswers && binding.readsWholeAnswers(set)
        val unfit = sampled.associateWith { contrast -> if (whole) null else unfit(contrast) }
        val fit = sampled.filter { unfit.getValue(it) == null }
        val dropped = unfit.mapNotNull { (contrast, fact) -> fact?.let { Dropped(contrast.name, it) } }
        return ContrastSetSpec(set.name, fit.mapNotNull { contrast(it) }, filter, dropped).also { filtered ->
            val needs = InputRequirements(binding)
            needs.answer(set.line, filter.text, filtered, single = !whole)
            needs.severalClasses(set.line, filter.text)
            if (filter is FilterSpec.Prefers) needs.foil(set.line, filter.text, filtered, single = !whole)
            if (filter is FilterSpec.Among) needs.candidates(set.line, filter, filtered)
        }
    }

    /**
     * Returns the subjects of a set's clean prompts, regardless of its filter; answers need not be tokens of this
     * model.
     */
    fun subjects(set: Inputs<*>): SubjectsSpec {
        val written = written(set).sampled((set as? Contrasts<*>)?.sample, binding.seed)
        if (written.isEmpty()) mistakes += Mistake.EmptyContrasts(set.line, set.shown, set.word)
        val prompts = written.mapNotNull { it.made?.clean ?: input(it, "clean", it.clean)?.spec }
        return SubjectsSpec(set.name, prompts.size, prompts.flatMap { it.subjectTokens })
    }

    /** Returns why a contrast that may be dropped does not fit this model's tokenizer; null if it does. */
    private fun unfit(written: DeclaredContrast): DropFact? {
        if (!facts.isA(CausalLm::class.java)) return null
        val texts =
            written.answers.orEmpty().map { AnswerRole.Answer to it } + written.foils.map { AnswerRole.Foil to it }
        return texts.firstNotNullOfOrNull { (role, text) ->
            text.takeIf { prompts!!.answers.oneToken(it) == null }?.let {
                DropFact.Tokens(
                    role,
                    it,
                    facts.tokenizer!!.encode(it).length(),
                    prompts!!.answers.oneToken(" $it") != null,
                )
            }
        }
    }

    private fun written(set: Inputs<*>): List<DeclaredContrast> =
        set.items.flatMapIndexed { number, item -> written(item, number) }

    private fun written(
        item: InputItem,
        number: Int,
    ): List<DeclaredContrast> =
        when (item) {
            is InputItem.One -> listOf(item.contrast)
            is InputItem.Random -> RandomPrompts(binding, facts.tokenizer!!).of(item, number)
            is InputItem.File -> ContrastFile(item.path, item.line, item.written, mistakes, item.asking).read()
            is InputItem.Evals -> EvalFile(item, mistakes).read()
            is InputItem.Prompts -> InputFile(item.path, item.line, mistakes).prompts()
            is InputItem.Folder -> folder(item)
        }

    private fun folder(item: InputItem.Folder): List<DeclaredContrast> {
        if (!item.path.isDirectory()) {
            mistakes += Mistake.FileMissing(item.line, item.path.toString())
            return emptyList()
        }
        val folders = if (item.classes) {
            item.path.listDirectoryEntries().filter {
                it.isDirectory()
            }
        } else {
            listOf(item.path)
        }
        val found =
            folders.sorted().flatMap { folder ->
                val label = if (item.classes) folder.name else item.label
                val shown = if (item.classes) "${item.shown}/${folder.name}" else item.shown
                files(folder).map { file ->
                    val picture = InputSource.Picture(file, "$shown/${file.name}")
                    DeclaredContrast(picture, label?.let(::listOf), null, emptyList(), null, item.line)
                }
            }
        if (found.isEmpty()) mistakes += Mistake.NoImages(item.line, item.shown, item.classes)
        return found
    }

    private fun files(folder: Path): List<Path> =
        folder
            .listDirectoryEntries()
            .filter { it.isRegularFile() && it.extension.lowercase() in PICTURES && !Files.isHidden(it) }
            .sorted()

    private fun contrast(written: DeclaredContrast): ContrastSpec? {
        if (written.made != null) return written.made
        val clean = input(written, "clean", written.clean)
        val corrupted = written.corrupted?.let { input(written, "corrupted", it) }
        val answers =
            when (val texts = written.answers) {
                null -> emptyList()
                emptyList<String>() -> noAnswers(written)
                else -> answers(written, "answer", texts)
            }
        val foils = answers(written, "foil", written.foils)
        differ(written, answers, foils)
        if (clean == null || (written.corrupted != null && corrupted == null)) return null
        val room = prompts?.answers?.roomForBlank(clean.spec)
        val right = answers.map { blanks(it, clean.spec, room) }
        val wrong = foils.map { blanks(it, clean.spec, room) }
        val label = written.label ?: clean.marked ?: clean.spec.chat?.messages?.last()?.content ?: clean.spec.text
        prompts?.answers?.several(written, label, right to wrong)
        return ContrastSpec(
            label,
            clean.spec,
            right.firstOrNull(),
            corrupted?.spec,
            wrong.firstOrNull(),
            written.groups,
            written.candidates.mapNotNull { candidate(written, it, room) },
            right.drop(1),
            wrong.drop(1),
        )
    }

    /** Reports an empty list of answers; returns a placeholder, so that nothing else reports it. */
    private fun noAnswers(written: DeclaredContrast): List<TokenSpec> {
        binding.bad(written.line, "answers", "none", "one answer or more")
        return listOf(TokenSpec("", NO_TOKEN))
    }

    /** Reports answers that are also foils. */
    private fun differ(
        written: DeclaredContrast,
        answers: List<TokenSpec>,
        foils: List<TokenSpec>,
    ) {
        val both = answers.filter { answer -> answer.id != NO_TOKEN && foils.any { it.ids == answer.ids } }
        both.mapTo(mistakes) { Mistake.SameAnswer(written.line, written.source, it.text) }
    }

    /** Returns [token] with its form with a leading blank, if that may be missing after [room], or is doubled after [prompt]. */
    private fun blanks(
        token: TokenSpec,
        prompt: PromptSpec,
        room: String?,
    ): TokenSpec =
        when {
            token.id == NO_TOKEN || prompts == null -> token
            room == null -> token.copy(doubled = prompts.answers.doubled(token, prompt))
            else -> token.copy(spaced = prompts.answers.spaced(token, room))
        }

    /**
     * Substitutes a placeholder for a wrong answer or foil, so that mistakes of the prompts are found in the same pass.
     */
    private fun answers(
        written: DeclaredContrast,
        role: String,
        texts: List<String>,
    ): List<TokenSpec> {
        val found = texts.map { answer(written, role, it) ?: TokenSpec(it, NO_TOKEN) }
        val again = found.filter { it.id != NO_TOKEN }.groupBy { it.ids }.values.filter { it.size > 1 }
        val source = written.source?.let { " ($it)" }.orEmpty()
        again.forEach {
            binding.bad(written.line, "${role}s", "\"${it.last().text}\" twice$source", "different tokens")
        }
        return found
    }

    /**
     * Returns a candidate answer: one or several tokens if the model predicts next tokens, else what an answer may be.
     */
    private fun candidate(
        written: DeclaredContrast,
        text: String,
        room: String?,
    ): CandidateSpec? {
        if (facts.isA(CausalLm::class.java)) {
            val ids = prompts!!.answers.candidate(written, text) ?: return null
            return CandidateSpec(text, ids, room?.let { prompts.answers.spaced(text, it) })
        }
        val token = answer(written, "candidate", text) ?: return null
        val spaced = room?.let { prompts!!.answers.spaced(token, it) }
        return CandidateSpec(token.text, listOf(token.id), spaced?.let(::listOf))
    }

    private fun input(
        written: DeclaredContrast,
        role: String,
        input: InputSource,
    ): BoundInput? =
        if (input is InputSource.Picture) {
            checkNotNull(pictures) { "a model of images says how it reads them" }.bind(written, input)
        } else {
            checkNotNull(prompts) { "a model of texts has a tokenizer" }.bind(written, role, input)
        }

    private fun answer(
        written: DeclaredContrast,
        role: String,
        text: String,
    ): TokenSpec? {
        if (facts.isA(CausalLm::class.java)) return prompts!!.answers.continuation(written, role, text)
        if (facts.isA(MaskedLm::class.java)) return prompts!!.answers.token(written.origin, role, text)
        if (facts.classes.isEmpty()) {
            mistakes += Mistake.NoClasses(written.line, written.source, text, facts.capability)
            return null
        }
        val fit = classes.called(text)
        fit.singleOrNull()?.let { return TokenSpec(classes.shown[it], it) }
        mistakes +=
            if (fit.isEmpty()) {
                val nearest = NearestNames.meant(text, facts.classes).orElse(null)
                Mistake.NoSuchClass(written.line, written.source, role, text, nearest, classes.shown)
            } else {
                Mistake.SeveralClasses(written.line, written.source, role, text, fit.map { classes.numbered(it) })
            }
        return null
    }

    private companion object {
        const val NO_TOKEN = -1
        val PICTURES = setOf("png", "jpg", "jpeg", "gif", "webp", "bmp", "tif", "tiff")
    }
}
