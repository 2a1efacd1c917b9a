package dev.kausal.reports

import dev.kausal.reports.page.modelSentence
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldEndWith

class ModelSentenceTest :
    FunSpec({
        val spec = Fixtures.bundle().spec

        test("names sizes, vocabulary and context") {
            modelSentence(spec) shouldContain "vocabulary ${spec.model.config.vocabulary}, context "
        }

        test("ends with what a reader must know of the model's files") {
            val warned = spec.copy(model = spec.model.copy(warnings = listOf("The file does not name its rule.")))
            modelSentence(warned) shouldEndWith " The file does not name its rule."
        }
    })
