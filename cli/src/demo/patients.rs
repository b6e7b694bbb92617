//! Twelve patients who never lived.
//!
//! Ids run from 1001 to 1012, and every chart carries `CANARY-PHI-{id}`. Look next: `chart`.

/// One invented patient.
#[derive(Debug)]
pub struct Patient {
    /// The number in the address of the chart.
    pub id: u32,
    /// Family name, given name.
    pub name: &'static str,
    /// Date of birth, as printed.
    pub born: &'static str,
    /// Ward and bed, or the clinic.
    pub place: &'static str,
    /// Why the patient is here.
    pub problem: &'static str,
    /// What must not be given.
    pub allergies: &'static [&'static str],
    /// What is taken regularly.
    pub medication: &'static [&'static str],
    /// Blood pressure, pulse and temperature, as last measured.
    pub vitals: [&'static str; 3],
}

impl Patient {
    /// The marker that stands in everything shown about this patient.
    #[must_use]
    pub fn canary(&self) -> String {
        format!("CANARY-PHI-{}", self.id)
    }
}

/// The patient with this number, written as plain digits.
pub(super) fn find(id: &str) -> Option<&'static Patient> {
    PATIENTS.iter().find(|patient| patient.id.to_string() == id)
}

/// Everybody on the list.
pub const PATIENTS: [Patient; 12] = [
    Patient {
        id: 1001,
        name: "Okafor, Ngozi",
        born: "1958-03-14",
        place: "3 North, bed 4",
        problem: "Community-acquired pneumonia, day 3",
        allergies: &["Penicillin (rash)", "Latex"],
        medication: &["Levofloxacin 750 mg daily", "Amlodipine 5 mg daily"],
        vitals: ["132/78", "84", "37.4"],
    },
    Patient {
        id: 1002,
        name: "Lindqvist, Arne",
        born: "1944-11-02",
        place: "3 North, bed 7",
        problem: "Heart failure with reduced ejection fraction",
        allergies: &["Lisinopril (cough)"],
        medication: &["Furosemide 40 mg twice daily", "Bisoprolol 5 mg daily"],
        vitals: ["108/64", "72", "36.6"],
    },
    Patient {
        id: 1003,
        name: "Takahashi, Mei",
        born: "1991-07-23",
        place: "Maternity, room 2",
        problem: "Postpartum day 1, uncomplicated",
        allergies: &[],
        medication: &["Ibuprofen 400 mg as needed"],
        vitals: ["118/70", "76", "36.9"],
    },
    Patient {
        id: 1004,
        name: "Ferreira, Joaquim",
        born: "1970-01-30",
        place: "2 South, bed 1",
        problem: "Type 2 diabetes, foot ulcer left heel",
        allergies: &["Sulfonamides"],
        medication: &[
            "Metformin 1 g twice daily",
            "Insulin glargine 18 units at night",
        ],
        vitals: ["141/85", "80", "37.1"],
    },
    Patient {
        id: 1005,
        name: "Whitehorse, Dana",
        born: "1983-05-09",
        place: "Day clinic",
        problem: "Rheumatoid arthritis, infusion visit",
        allergies: &["Contrast medium (hives)"],
        medication: &["Methotrexate 15 mg weekly", "Folic acid 5 mg weekly"],
        vitals: ["124/76", "68", "36.5"],
    },
    Patient {
        id: 1006,
        name: "Haddad, Yusuf",
        born: "2016-09-18",
        place: "Paediatrics, bed 3",
        problem: "Asthma exacerbation, improving",
        allergies: &["Peanut (anaphylaxis)"],
        medication: &["Salbutamol inhaler", "Prednisolone 20 mg daily, day 2 of 3"],
        vitals: ["98/60", "104", "37.0"],
    },
    Patient {
        id: 1007,
        name: "Novák, Jiřina",
        born: "1937-12-24",
        place: "Geriatrics, bed 9",
        problem: "Hip fracture right, day 5 after repair",
        allergies: &["Codeine (vomiting)"],
        medication: &["Paracetamol 1 g four times daily", "Enoxaparin 40 mg daily"],
        vitals: ["126/72", "78", "36.8"],
    },
    Patient {
        id: 1008,
        name: "O'Brien, Siobhán",
        born: "1965-06-16",
        place: "Day clinic",
        problem: "Breast cancer follow-up, year 4",
        allergies: &[],
        medication: &["Letrozole 2.5 mg daily"],
        vitals: ["119/74", "66", "36.6"],
    },
    Patient {
        id: 1009,
        name: "Petrov, Ilya",
        born: "1979-08-11",
        place: "2 South, bed 6",
        problem: "Acute pancreatitis, alcohol-related",
        allergies: &["Metamizole"],
        medication: &["Thiamine 300 mg daily", "Oxycodone 5 mg as needed"],
        vitals: ["136/88", "96", "37.6"],
    },
    Patient {
        id: 1010,
        name: "García Luna, Inés",
        born: "2001-02-27",
        place: "Emergency, bay 5",
        problem: "Migraine with aura",
        allergies: &["Metoclopramide (dystonia)"],
        medication: &["Sumatriptan 50 mg as needed"],
        vitals: ["122/80", "74", "36.7"],
    },
    Patient {
        id: 1011,
        name: "Mbeki, Thandiwe",
        born: "1988-10-05",
        place: "Dialysis, chair 2",
        problem: "Kidney failure, haemodialysis three times a week",
        allergies: &["Iron dextran"],
        medication: &[
            "Epoetin alfa 4000 units per session",
            "Sevelamer 800 mg with meals",
        ],
        vitals: ["148/90", "82", "36.4"],
    },
    Patient {
        id: 1012,
        name: "Sørensen, Bjarke",
        born: "1952-04-21",
        place: "3 North, bed 11",
        problem: "Atrial fibrillation, rate control",
        allergies: &[],
        medication: &["Apixaban 5 mg twice daily", "Metoprolol 50 mg twice daily"],
        vitals: ["128/82", "92", "36.7"],
    },
];
