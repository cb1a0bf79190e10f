# Tables of Bioconductor packages as text: Rscript bioconductor.R FOLDER
# multtest (Golub 1999), bladderbatch (GSE3167), MultiAssayExperiment (miniACC, TCGA adrenocortical carcinoma)
suppressMessages({library(multtest); library(bladderbatch); library(Biobase)
  library(MultiAssayExperiment); library(org.Hs.eg.db)})
folder <- commandArgs(TRUE)[1]
keep <- function(table, name) write.csv(table, file.path(folder, paste0(name, ".csv")))

data(golub, package = "multtest")
accession <- sub("_.*", "", golub.gnames[, 3])
known <- accession %in% keys(org.Hs.eg.db, "ACCNUM")
symbol <- suppressMessages(mapIds(org.Hs.eg.db, accession[known], "SYMBOL", "ACCNUM"))
keep(data.frame(symbol = symbol, golub[known, ]), "golub")
keep(ifelse(golub.cl == 0, "ALL", "AML"), "golub_classes")

data(bladderdata)
keep(exprs(bladderEset), "bladder")
keep(pData(bladderEset), "bladder_samples")

data(miniACC, package = "MultiAssayExperiment")
for (name in c("RNASeq2GeneNorm", "gistict", "RPPAArray"))
  keep(assay(miniACC[[name]]), paste0("acc_", name))
keep(as.data.frame(colData(miniACC)), "acc_patients")
