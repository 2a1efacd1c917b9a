package dev.kausal.dsl

import dev.kausal.dsl.bind.ImageFacts
import dev.kausal.dsl.bind.ModelFacts
import dev.kausal.dsl.bind.SeenImage
import dev.kausal.dsl.bind.heads
import dev.kausal.engine.model.ModelSource
import dev.kausal.spec.TokenSpec
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Path

/** The messages of [words] for a tiny model. */
private fun said(
    model: String,
    folder: Path = Path.of(""),
    classes: List<String>? = null,
    words: ExperimentScope.() -> Unit,
): List<String> =
    ModelSource.open(tinyFolder(model, "wordpiece-template".takeIf { "vit" !in model })).use { source ->
        val images = if (source.config().readsImages()) DrawnImages(source.config()) else null
        val own = ModelFacts.of("tiny", source, images)
        val facts = if (classes == null) own else own.copy(classes = classes)
        declared(folder, words).mistakes(facts).map { it.message }
    }

private fun masked(
    clean: String,
    answer: String = "paris",
    corrupted: String? = null,
): List<String> =
    said("bert-masked") {
        val lm = model<MaskedLm>("tiny")
        contrasts(lm) { contrast(clean, answer, corrupted) }
    }

private fun pictured(
    vararg files: String,
    words: ImagesScope.() -> Unit,
): List<String> =
    said("vit", imageFolder(*files)) {
        val vit = model<ImageClassifier>("tiny")
        images(vit) { words() }
    }

class InputMistakesTest :
    FunSpec({
        test("a masked prompt has one mask") {
            masked("the tower is in paris").single() shouldContain
                "\"the tower is in paris\" has no [MASK], but the answer replaces exactly one [MASK]"
            masked("[MASK] is in [MASK]").single() shouldContain "has 2 masks"
            masked("the tower is in [MASK]") shouldBe emptyList()
        }
        test("a corrupted prompt too") {
            masked("the [tower] is in [MASK]", corrupted = "the [hall] is in paris").single() shouldContain
                "has no [MASK]"
        }
        test("a classifier of tokens asks for a marked word") {
            fun marked(clean: String) =
                said("bert-tokens") {
                    val lm = model<TokenClassifier>("tiny")
                    contrasts(lm) { contrast(clean, "LABEL_1", null, "LABEL_2") }
                }
            marked("the tower is in paris").single() shouldContain
                "\"the tower is in paris\" has no word in [brackets], but the answer is the class of one"
            marked("the [tower] is in paris") shouldBe emptyList()
        }
        test("an answer of several tokens") {
            masked("the cat is [MASK]", answer = "cats dog").single() shouldContain "2 tokens: \"cats\" + \"dog\""
        }
        test("special tokens count") {
            masked("the ".repeat(14) + "[MASK]").single() shouldContain "17 tokens, but this model's context is 16"
        }
        test("a subject in each of two sentences") {
            said("bert-masked") {
                val lm = model<MaskedLm>("tiny")
                contrasts(lm) { contrast(pair("the [cat] is [MASK]", "the [dog] ran"), "red") }
            }.single() shouldContain "marks several subjects"
        }
        test("a place that a prompt has not") {
            fun at(place: Place) =
                said("bert-masked") {
                    val lm = model<MaskedLm>("tiny")
                    val set = contrasts(lm) { contrast("the [cat] is [MASK]", "red") }
                    val swept by sweep(set, logit) { each(listOf(0)) { ablate(lm.blocks[it].mlpOut).at(place) } }
                    report { lines(swept) }
                }
            at(mask) shouldBe emptyList()
            at(cls) shouldBe emptyList()
            at(secondSentence).single() shouldContain "has no second-sentence: only pair("
            at(patches).single() shouldContain "has no patches: only images have patches"
            at(patchAt(0, 1)).single() shouldContain "no patch 0,1 in \"the cat is [MASK]\": only images"
            said("vit", imageFolder("a.png")) {
                val vit = model<ImageClassifier>("tiny")
                val set = images(vit) { image("a.png", label = "LABEL_0") }
                val swept by sweep(set, logit) { each(listOf(3)) { ablate(vit.embed).at(patchAt(it, 0)) } }
                report { lines(swept) }
            }.single() shouldContain "no patch 3,0 in \"a.png\": this image has 3 x 3, 0,0 to 2,2"
        }
        test("a sweep over patches of prompts") {
            said("bert-masked") {
                val lm = model<MaskedLm>("tiny")
                val set = contrasts(lm) { contrast("the [cat] is [MASK]", "red") }
                val swept by sweep(set, logit) { each(patchGrid) { ablate(lm.blocks[0].mlpOut).at(it) } }
                report { heatmap(swept) }
            }.first() shouldContain "swept goes over patches, but its inputs are prompts, which have none"
        }
        test("a loss of a model that predicts no next token") {
            said("bert-masked") {
                val lm = model<MaskedLm>("tiny")
                val set = contrasts(lm) { contrast("the [cat] is [MASK]", "red") }
                val swept by sweep(set, loss) { each(heads) { ablate(it) } }
                report { heatmap(swept) }
            }.single() shouldContain "loss needs next-token predictions, but a MaskedLm makes none"
        }
        test("a class that the model has not") {
            pictured("a.png") { image("a.png", label = "LABEL_9") }.single() shouldContain
                "the model has no class \"LABEL_9\", given as the answer; did you mean \"LABEL_0\"?"
            pictured("a.png") { image("a.png", label = "a very different word") }.single() shouldContain
                "it has \"LABEL_0\", \"LABEL_1\""
            pictured("a.png") { image("a.png", label = "label_1") } shouldBe emptyList()
        }
        test("a name that two classes share says which numbers it may be") {
            val classes = listOf("cat", "cat", "maillot", "maillot, tank suit", "Polish", "polish", "c#", "crane, bird")

            fun labelled(vararg labels: String) =
                said("vit", imageFolder("a.png"), classes) {
                    val vit = model<ImageClassifier>("tiny")
                    images(vit) { labels.forEach { image("a.png", label = it) } }
                }
            labelled("cat").single() shouldBe
                "2 classes are called \"cat\", given as the answer: \"cat#0\", \"cat#1\"; " +
                "add the number of the one you mean"
            labelled("maillot").single() shouldContain "\"maillot#2\", \"maillot, tank suit#3\""
            labelled("POLISH").single() shouldContain "\"Polish#4\", \"polish#5\""
            labelled("cat#1", "#0", "maillot#3", "maillot, tank suit") shouldBe emptyList()
            labelled("Polish", "polish", "c#", "Bird") shouldBe emptyList()
            labelled("cat#2").single() shouldContain "the model has no class \"cat#2\", given as the answer"
            labelled("#8").single() shouldContain "the model has no class \"#8\""
        }
        test("labels of one name are told apart in results") {
            ModelSource.open(tinyFolder("vit", null)).use { source ->
                val own = ModelFacts.of("tiny", source, DrawnImages(source.config()))
                val facts = own.copy(classes = listOf("cat", "cat", "dog"))
                val bound =
                    declared(imageFolder("a.png")) {
                        val vit = model<ImageClassifier>("tiny")
                        val set = images(vit) {
                            image("a.png", label = "#1")
                            image("a.png", label = "dog")
                        }
                        val needed by sweep(set, logit) { each(heads) { ablate(it) } }
                        report { heatmap(needed) }
                    }
                val answers = inTestFile { bound.bind(facts) }.spec.contrasts.single().contrasts.map { it.answer }
                answers shouldBe listOf(TokenSpec("cat#1", 1), TokenSpec("dog", 2))
            }
        }
        test("what needs two classes, of a model that has one") {
            fun only(words: ExperimentScope.(Inputs<ImageClassifier>) -> Unit) =
                said("vit", imageFolder("a.png"), listOf("LABEL_0")) {
                    val vit = model<ImageClassifier>("tiny")
                    words(images(vit) { image("a.png", label = "LABEL_0") })
                }
            only {
                val why by debugPrediction(it)
                report { debug(why) }
            }.single() shouldBe
                "debugPrediction needs at least two classes, but this model has one, \"LABEL_0\": its probability is " +
                "always 1; use its logit"
            for (metric in listOf(probability, logProbability, kl)) {
                only {
                    val needed by sweep(it, metric) { each(heads) { head -> ablate(head) } }
                    report { heatmap(needed) }
                }.single() shouldContain "needs at least two classes"
            }
            only {
                val needed by sweep(it.filter(mistaken()), logit) { each(heads) { head -> ablate(head) } }
                report { heatmap(needed) }
            }.single() shouldContain "mistaken() needs at least two classes"
            only {
                val needed by sweep(it, logit) { each(heads) { head -> ablate(head) } }
                val maps by gradientAttention(it)
                report {
                    heatmap(needed)
                    imageMap(maps)
                }
            } shouldBe emptyList()
        }
        test("a token that the tokenizer has and the model has not") {
            val few = facts(shape = smallShape.copy(vocabulary = 3))
            val tokenizer = few.tokenizer!!
            tokenizer.encode("a b c d")

            fun found(
                clean: String,
                answer: String,
            ) = script { contrasts { contrast(clean, answer) } }.mistakes(few).map { it.message }
            found("a b", " c") shouldBe emptyList()
            found("a b d", " c").single() shouldContain
                "the token \" d\" of \"a b d\" has id 3, but this model has only tokens 0 to 2"
            found("a b", " d").single() shouldContain "has id 3"
        }
        test("no file, no folder, no image") {
            pictured { image("a.png") }.single() shouldContain "does not exist"
            pictured { folder("none") }.single() shouldContain "does not exist"
            pictured("pictures/a.txt") { folder("pictures") }.single() shouldContain "pictures has no .png"
            pictured("pictures/a.png") { classFolders("pictures") }.single() shouldContain
                "no folder in pictures has a .png"
            pictured { }.single() shouldContain "images is empty; add image(...)"
        }
        test("folders, by name, with the classes that they are called") {
            pictured("p/b.png", "p/a.JPG", "p/c.txt") { folder("p", label = "LABEL_0") } shouldBe emptyList()
            pictured("p/LABEL_0/b.png", "p/LABEL_7/a.png") { classFolders("p") }.single() shouldContain
                "no class \"LABEL_7\""
        }
        test("a file that cannot be decoded is one mistake, with its line") {
            val folder = imageFolder("a.png")
            val source = ModelSource.open(tinyFolder("vit", null))
            val broken =
                object : ImageFacts by DrawnImages(source.config()) {
                    override fun read(file: Path): SeenImage {
                        source.config().image(floatArrayOf(1f), 1, 1)
                        error("refused above")
                    }
                }
            val script =
                declared(folder) {
                    val vit = model<ImageClassifier>("tiny")
                    images(vit) {
                        image("a.png")
                        image("a.png", label = "LABEL_1")
                    }
                }
            val found = source.use { script.mistakes(ModelFacts.of("tiny", it, broken)).single() }
            (found.line != null) shouldBe true
            found.message shouldContain "cannot be cut into this vit model's patches"
        }
        test("images need an answer where the metric reads one") {
            said("vit", imageFolder("a.png")) {
                val vit = model<ImageClassifier>("tiny")
                val set = images(vit) { image("a.png") }
                val swept by sweep(set, logit) { each(heads) { ablate(it) } }
                val other by sweep(set, kl) { each(heads) { ablate(it) } }
                report {
                    heatmap(swept)
                    heatmap(other)
                }
            }.single() shouldContain "logit needs an answer, which \"a.png\" lacks; set answer ="
        }
        test("attention of layers, heads and places that are not there") {
            fun seen(words: ExperimentScope.(Inputs<ImageClassifier>) -> Unit) =
                said("vit", imageFolder("a.png")) {
                    val vit = model<ImageClassifier>("tiny")
                    words(images(vit) { image("a.png") })
                }
            seen {
                val a by attention(it, layers = listOf(-3))
                report { attention(a) }
            }.single() shouldContain
                "no layer -3: this model has 2 layers"
            seen {
                val a by attention(it, heads = listOf(4))
                report { attention(a) }
            }.single() shouldContain "no head 4"
            seen {
                val a by rollout(it, discard = 1.0)
                report { heatmap(a) }
            }.single() shouldContain
                "discard must be from 0 to below 1; found 1.0"
            seen {
                val a by attentionMaps(it, from = patches)
                report { heatmap(a) }
            }.single() shouldContain
                "the position must be one position; found patches, 9 positions"
            seen {
                val a by attentionMaps(it, from = patchAt(0, 3))
                report { heatmap(a) }
            }.single() shouldContain
                "no patch 0,3"
            seen {
                val a by specialisation(it, clusters = 9)
                report { heatmap(a) }
            }.single() shouldContain
                "clusters must be 1 to the number of heads, 8; found 9"
            seen {
                val a by rollout(it, layers = emptyList())
                report { heatmap(a) }
            }.single() shouldContain "\"layers\""
        }
        test("more numbers than a file should hold") {
            val shape = smallShape.copy(layers = 100, heads = 100)

            fun looking(vararg layers: Int) =
                script {
                    val set = contrasts { repeat(30) { contrast("a ".repeat(20).trim(), " b") } }
                    val looks by attention(set, layers.toList().ifEmpty { null })
                    report { attention(looks) }
                }.mistakes(facts(shape = shape)).map { it.message }
            looking().single() shouldContain "would have 120000000 numbers, but a result may have at most 50000000"
            looking(-1) shouldBe emptyList()
        }
        test("what is only for another kind of model is left out, and named") {
            val words: ExperimentScope.() -> Unit = {
                val lm = model<TextEncoder>("tiny")
                val texts = prompts(lm) { pair("the cat sat", "it ran") }
                val looks by attention(texts)
                report { attention(looks) }
                given<MaskedLm>(lm) { filled ->
                    val set = contrasts(filled) { contrast("the [cat] is [MASK]", "red") }
                    val needed by sweep(set, logit) { each(heads) { ablate(it) } }
                    report { heatmap(needed) }
                }
            }

            fun spec(model: String) =
                ModelSource.open(tinyFolder(model)).use {
                    inTestFile { declared(words = words).bind(ModelFacts.of("tiny", it)).spec }
                }
            spec("bert-masked").run {
                analyses.map { it.name } shouldBe listOf("looks", "needed")
                figures.map { it.of } shouldBe listOf("looks", "needed")
                omitted shouldBe emptyList()
            }
            spec("minilm").run {
                analyses.map { it.name } shouldBe listOf("looks")
                contrasts.map { it.name } shouldBe listOf("prompts")
                figures.map { it.of } shouldBe listOf("looks")
                omitted.single().run { name to needs } shouldBe ("needed" to "MaskedLm")
            }
        }
        test("an encoder without a head is no masked language model") {
            said("minilm") { model<MaskedLm>("tiny") }.single() shouldContain
                "the script is for a MaskedLm, but \"tiny\" is a Encoder"
        }
    })
